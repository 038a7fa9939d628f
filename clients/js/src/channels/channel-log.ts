/** Whatever has a place in a channel: a message, or a change of one. */
export interface Placed { epoch: number; seq: number }

/**
 * Puts a channel's events into the one order of (epoch, seq), each exactly once. Events from ahead of a hole wait here until
 * the hole is filled, or known to hold nothing more; at most `maxWaiting` of them (the farthest are dropped: history has
 * their messages too).
 */
export class ChannelLog<T extends Placed> {
  static readonly maxWaiting = 1000;

  #epoch: number | undefined;
  #seq = 0;
  readonly #waiting = new Map<number, T>();

  /** The last event handed on; undefined until the channel was joined. */
  get position(): { epoch: number; seq: number } | undefined {
    return this.#epoch === undefined ? undefined : { epoch: this.#epoch, seq: this.#seq };
  }

  /** True while events wait behind a hole. */
  get hasGap(): boolean {
    return this.#waiting.size > 0;
  }

  /** True when the server counts in a newer epoch: positions of this one mean nothing any more. */
  isNewerEpoch(epoch: number): boolean {
    return this.#epoch !== undefined && epoch > this.#epoch;
  }

  /** Starts after `seq`; what was waiting for that is returned in order. */
  startAt(epoch: number, seq: number): T[] {
    if (this.#epoch !== epoch) {
      for (const [key, event] of this.#waiting) if (event.epoch !== epoch) this.#waiting.delete(key);
    }
    this.#epoch = epoch;
    this.#seq = seq;
    return this.#drain();
  }

  /** Takes one event, from wherever it came; returns those that are now due, in order. */
  accept(event: T): T[] {
    if (this.#epoch !== undefined && (event.epoch !== this.#epoch || event.seq <= this.#seq)) return [];
    this.#waiting.set(event.seq, event);
    const due = this.#epoch === undefined ? [] : this.#drain();
    if (this.#waiting.size > ChannelLog.maxWaiting) this.#waiting.delete(this.farthest);
    return due;
  }

  /** The farthest event that waits; 0 when none does. */
  get farthest(): number {
    return Math.max(0, ...this.#waiting.keys());
  }

  /** Everything up to `seq` that is still to come is here: what is missing before it are changes that history holds already. */
  closeGaps(seq: number): T[] {
    const due: T[] = [];
    while (this.#seq < seq) {
      this.#seq = Math.min(seq, ...[...this.#waiting.keys()].map(key => key - 1));
      due.push(...this.#drain());
    }
    return due;
  }

  #drain(): T[] {
    const due: T[] = [];
    for (const seq of this.#waiting.keys()) if (seq <= this.#seq) this.#waiting.delete(seq);
    for (;;) {
      const event = this.#waiting.get(this.#seq + 1);
      if (!event) return due;
      this.#waiting.delete(++this.#seq);
      due.push(event);
    }
  }
}
