/** Every error code a call can fail with. */
export type ErrorCode =
  | 'invalid'
  | 'tooLarge'
  | 'unauthenticated'
  | 'forbidden'
  | 'notFound'
  | 'conflict'
  | 'rateLimited'
  | 'unavailable'
  | 'degraded'
  | 'unknownOutcome'
  | 'internal';

export interface ErrorDetails {
  code: ErrorCode;
  message: string;
  field?: string;
  retryAfterMs?: number;
  incident?: string;
  scope?: string;
}

const codes: ReadonlySet<string> = new Set<ErrorCode>([
  'invalid', 'tooLarge', 'unauthenticated', 'forbidden', 'notFound', 'conflict', 'rateLimited', 'unavailable',
  'degraded', 'unknownOutcome', 'internal',
]);

/** A refused or failed call. `code` says whose fault it was and whether a retry makes sense. */
export class RealtimeError extends Error {
  readonly code: ErrorCode;
  readonly field?: string;
  readonly retryAfterMs?: number;
  readonly incident?: string;
  readonly scope?: string;

  constructor(details: ErrorDetails) {
    super(details.message);
    this.name = 'RealtimeError';
    this.code = details.code;
    this.field = details.field;
    this.retryAfterMs = details.retryAfterMs;
    this.incident = details.incident;
    this.scope = details.scope;
  }

  /** True when the same call, with the same ids, may succeed later. */
  get retryable(): boolean {
    return this.code === 'rateLimited' || this.code === 'unavailable' || this.code === 'degraded'
      || this.code === 'unknownOutcome' || (this.code === 'conflict' && this.retryAfterMs !== undefined);
  }

  /**
   * Reads what the hub threw: SignalR wraps the JSON of the error in a sentence of its own. Anything else that ends a call
   * (the connection closed under it) leaves its outcome unknown.
   */
  static from(thrown: unknown): RealtimeError {
    if (thrown instanceof RealtimeError) return thrown;
    const text = thrown instanceof Error ? thrown.message : String(thrown);
    return parse(text) ?? new RealtimeError({ code: 'unknownOutcome', message: text });
  }

  /** @internal An error of the contract in a text; undefined: there is none. */
  static parse(text: string): RealtimeError | undefined {
    return parse(text);
  }
}

function parse(text: string): RealtimeError | undefined {
  const start = text.indexOf('{');
  const end = text.lastIndexOf('}');
  if (start < 0 || end < start) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text.slice(start, end + 1));
  } catch {
    return undefined; // Not an error of ours: some other text with braces in it.
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { code, message, field, retryAfterMs, incident, scope } = value as Record<string, unknown>;
  if (typeof code !== 'string') return undefined;
  return new RealtimeError({
    code: codes.has(code) ? (code as ErrorCode) : 'internal',
    message: typeof message === 'string' ? message : code,
    field: typeof field === 'string' ? field : undefined,
    retryAfterMs: typeof retryAfterMs === 'number' ? retryAfterMs : undefined,
    incident: typeof incident === 'string' ? incident : undefined,
    scope: typeof scope === 'string' ? scope : undefined,
  });
}

/** Why the server closed the connection. Below 3500: reconnect. From 3500: do not, or only after `afterMs`. */
export const CloseCode = {
  shutdown: 3000,
  drain: 3001,
  slow: 3002,
  noPong: 3003,
  expired: 3004,
  overloaded: 3005,
  revoked: 3500,
  banned: 3501,
  quarantined: 3502,
  badProtocol: 3503,
} as const;
