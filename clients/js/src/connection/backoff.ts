import type { Clock } from '../clock.js';

/** How long to wait before the next attempt: full jitter, rand(0, min(30 s, 0.5 s · 2ⁿ)), never quite at once. */
export class Backoff {
  static readonly baseMs = 500;
  static readonly capMs = 30_000;
  /** A herd that lost the same server must not return in the same millisecond. */
  static readonly floorMs = 50;
  /** A connection that lasted this long starts counting from zero again. */
  static readonly stableMs = 60_000;

  readonly #clock: Clock;
  #attempt = 0;
  #since: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get attempt(): number {
    return this.#attempt;
  }

  /** The delay before the next attempt, at least `atLeastMs` (what the server asked for). */
  next(atLeastMs = 0): number {
    if (this.#since !== undefined && this.#clock.now() - this.#since >= Backoff.stableMs) this.#attempt = 0;
    this.#since = undefined;
    const ceiling = Math.min(Backoff.capMs, Backoff.baseMs * 2 ** Math.min(this.#attempt++, 16));
    return atLeastMs + Math.max(Backoff.floorMs, this.#clock.random() * ceiling);
  }

  /** It worked: soon-following failures still back off, but from at most 2 s. */
  succeeded(): void {
    this.#since = this.#clock.now();
    this.#attempt = Math.min(this.#attempt, 2);
  }

  reset(): void {
    this.#attempt = 0;
    this.#since = undefined;
  }
}
