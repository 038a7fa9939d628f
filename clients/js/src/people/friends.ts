import type { Connection } from '../connection/connection.js';
import type { Rest } from '../connection/rest.js';
import type { Friend } from '../contracts.js';

/** Friendships. Every step can be repeated; the other side and our own other devices hear of it as `friend` events. */
export class Friends {
  /** As many as one may have, and then some: pages of 200. */
  static readonly maxPages = 12;

  readonly #connection: Connection;
  readonly #rest: Rest;

  constructor(connection: Connection, rest: Rest) {
    this.#connection = connection;
    this.#rest = rest;
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
      const last = all.at(-1);
      const friends = await (await this.#rest.send('friends', { query: last ? { after: last.user } : {} })).json() as Friend[];
      all.push(...friends);
      if (friends.length < 200) break;
    }
    return all;
  }
}
