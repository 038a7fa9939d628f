import type { Clock } from '../clock.js';
import { RealtimeError } from '../errors.js';

/** A token, or how to get one (from the team's own backend). */
export type TokenProvider = string | (() => Promise<string>);

/**
 * Keeps a token until shortly before it ends, so that reconnecting needs no issuer while the token is good. Refused ones are
 * forgotten; a refused fixed token cannot be replaced.
 */
export class TokenSource {
  static readonly renewBeforeMs = 60_000;

  readonly #provider: TokenProvider;
  readonly #clock: Clock;
  #cached: string | undefined;
  #refused = false;

  constructor(provider: TokenProvider, clock: Clock) {
    this.#provider = provider;
    this.#clock = clock;
  }

  async get(): Promise<string> {
    if (typeof this.#provider === 'string') {
      if (this.#refused) throw new RealtimeError({ code: 'unauthenticated', message: 'The token was refused.' });
      return this.#provider;
    }
    if (this.#cached !== undefined && expiry(this.#cached) - this.#clock.now() > TokenSource.renewBeforeMs) return this.#cached;
    return (this.#cached = await this.#provider());
  }

  /** When the token in use ends, in milliseconds; 0: it does not say. */
  get expires(): number {
    return expiry(typeof this.#provider === 'string' ? this.#provider : (this.#cached ?? ''));
  }

  /** The server did not take it: ask for another one. */
  refuse(): void {
    this.#cached = undefined;
    this.#refused = true;
  }

  /** True when a refused token can be replaced by asking again. */
  get renewable(): boolean {
    return typeof this.#provider !== 'string';
  }
}

/** `exp` in milliseconds; zero when the token does not say. Read for planning only: the server verifies. */
function expiry(token: string): number {
  const payload = token.split('.')[1];
  if (!payload) return 0;
  try {
    const claims = JSON.parse(atob(payload.replace(/-/g, '+').replace(/_/g, '/'))) as { exp?: unknown };
    return typeof claims.exp === 'number' ? claims.exp * 1000 : 0;
  } catch {
    return 0; // Not a JWT: never cached.
  }
}
