import type { Clock } from '../clock.js';
import type { IceServer } from '../contracts.js';

/** The ICE servers as the server last told them: with them an offer can be gathered before a room is joined. */
export class KnownIceServers {
  /** Their credentials are good for an hour from then. */
  static readonly freshMs = 45 * 60_000;

  readonly #clock: Clock;
  #servers: IceServer[] | undefined;
  #at = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  learn(servers: IceServer[]): void {
    this.#servers = servers;
    this.#at = this.#clock.now();
  }

  /** Nothing when they are not known, or too old to be used. */
  get fresh(): IceServer[] | undefined {
    return this.#clock.now() - this.#at < KnownIceServers.freshMs ? this.#servers : undefined;
  }
}
