import type { Connection } from '../connection/connection.js';
import type { TokenSource } from '../connection/token-source.js';
import type { Friend } from '../contracts.js';
import { type ErrorDetails, RealtimeError } from '../errors.js';

/** Friendships. Every step can be repeated; the other side and our own other devices hear of it as `friend` events. */
export class Friends {
  /** As many as one may have, and then some: pages of 200. */
  static readonly maxPages = 12;

  readonly #connection: Connection;
  readonly #tokens: TokenSource;
  readonly #api: URL;

  constructor(connection: Connection, tokens: TokenSource, hub: string) {
    this.#connection = connection;
    this.#tokens = tokens;
    this.#api = new URL('../api/friends', new URL(`${hub.replace(/\?.*$/, '').replace(/\/$/, '')}/`, globalThis.location?.href));
  }

  /** Asks; who has asked us already becomes a friend at once. */
  request(user: string): Promise<Friend> {
    return this.#connection.invoke('RequestFriend', { user });
  }

  accept(user: string): Promise<Friend> {
    return this.#connection.invoke('AnswerFriend', { user, accept: true });
  }

  decline(user: string): Promise<Friend> {
    return this.#connection.invoke('AnswerFriend', { user, accept: false });
  }

  /** Ends a friendship, or withdraws a request. */
  remove(user: string): Promise<Friend> {
    return this.#connection.invoke('RemoveFriend', { user });
  }

  /** Friends with their presence, and open requests either way. Read over HTTP, so it works before the hub is connected. */
  async list(): Promise<Friend[]> {
    const all: Friend[] = [];
    for (let page = 0; page < Friends.maxPages; page++) {
      const url = new URL(this.#api);
      const last = all.at(-1);
      if (last) url.searchParams.set('after', last.user);
      const friends = await this.#read(url);
      all.push(...friends);
      if (friends.length < 200) break;
    }
    return all;
  }

  async #read(url: URL): Promise<Friend[]> {
    const response = await fetch(url, { headers: { Authorization: `Bearer ${await this.#tokens.get()}` } });
    if (response.ok) return await response.json() as Friend[];
    const details = await response.json().catch(() => undefined) as ErrorDetails | undefined; // A proxy's page: its status says enough.
    throw new RealtimeError(details?.code ? details : { code: response.status === 401 ? 'unauthenticated' : 'unavailable', message: `${response.status}` });
  }
}
