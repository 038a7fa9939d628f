import { type ErrorDetails, RealtimeError } from '../errors.js';
import type { TokenSource } from './token-source.js';

export interface RestRequest { method?: string; query?: Record<string, string>; headers?: Record<string, string>; body?: Blob; signal?: AbortSignal }

/** The REST API beside the hub, with the same token. */
export class Rest {
  readonly #tokens: TokenSource;
  readonly #hub: URL;

  constructor(hub: string, tokens: TokenSource) {
    this.#tokens = tokens;
    this.#hub = new URL(`${hub.replace(/\?.*$/, '').replace(/\/$/, '')}/`, globalThis.location?.href);
  }

  url(path: string, query: Record<string, string> = {}): URL {
    const url = new URL(`../api/${path}`, this.#hub);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return url;
  }

  async authorization(): Promise<string> {
    return `Bearer ${await this.#tokens.get()}`;
  }

  /** The answer of a request that succeeded; any other one throws what the server said. */
  async send(path: string, { query, headers, ...init }: RestRequest = {}): Promise<Response> {
    const authorization = await this.authorization();
    let response: Response;
    try {
      response = await fetch(this.url(path, query), { ...init, headers: { ...headers, Authorization: authorization } });
    } catch (thrown) {
      throw unanswered(thrown);
    }
    if (response.ok) return response;
    throw refusal(response.status, await response.text().catch(() => ''));
  }
}

/** @internal What a refused request says; a proxy's page has no words for us: its status says enough. */
export function refusal(status: number, body: string): RealtimeError {
  const said = RealtimeError.parse(body);
  return said ?? new RealtimeError({ code: status === 401 ? 'unauthenticated' : status === 413 ? 'tooLarge' : 'unavailable', message: `The server answered with status ${status}.` } satisfies ErrorDetails);
}

/** @internal An `AbortError` stays one: somebody wanted it. */
export function unanswered(thrown: unknown): unknown {
  if (thrown instanceof Error && thrown.name === 'AbortError') return thrown;
  return new RealtimeError({ code: 'unavailable', message: 'The server cannot be reached.' });
}
