import type { RoomEvent } from '../contracts.js';

/** Events that arrive before the join's answer: they wait for it. */
export class EarlyEvents {
  /** With more than this they are dropped, and the join is to be asked anew. */
  static readonly max = 2_000;

  readonly #overflowed: () => void;
  #waiting: RoomEvent[] | undefined;

  constructor(overflowed: () => void) {
    this.#overflowed = overflowed;
  }

  begin(): void {
    this.#waiting = [];
  }

  /** Whether the event waits. */
  hold(event: RoomEvent): boolean {
    if (!this.#waiting) return false;
    if (this.#waiting.push(event) > EarlyEvents.max) {
      this.#waiting = [];
      this.#overflowed();
    }
    return true;
  }

  /** What waited, in order. */
  end(): RoomEvent[] {
    const waited = this.#waiting ?? [];
    this.#waiting = undefined;
    return waited;
  }
}
