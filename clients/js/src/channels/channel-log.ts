import type { Message } from '../contracts.js';

/**
 * Puts a channel's messages into the one order of (epoch, seq), each exactly once. Messages from ahead of a hole wait here
 * until the hole is filled from history; at most `maxWaiting` of them (the farthest are dropped: history has them too).
 */
export class ChannelLog {
  static readonly maxWaiting = 1000;

  #epoch: number | undefined;
  #seq = 0;
  readonly #waiting = new Map<number, Message>();

  /** The last message handed on; undefined until the channel was joined. */
  get position(): { epoch: number; seq: number } | undefined {
    return this.#epoch === undefined ? undefined : { epoch: this.#epoch, seq: this.#seq };
  }

  /** True while messages wait behind a hole. */
  get hasGap(): boolean {
    return this.#waiting.size > 0;
  }

  /** True when the server counts in a newer epoch: positions of this one mean nothing any more. */
  isNewerEpoch(epoch: number): boolean {
    return this.#epoch !== undefined && epoch > this.#epoch;
  }

  /** Starts after `seq`; what was waiting for that is returned in order. */
  startAt(epoch: number, seq: number): Message[] {
    if (this.#epoch !== epoch) {
      for (const [key, message] of this.#waiting) if (message.epoch !== epoch) this.#waiting.delete(key);
    }
    this.#epoch = epoch;
    this.#seq = seq;
    return this.#drain();
  }

  /** Takes one message, from wherever it came; returns those that are now due, in order. */
  accept(message: Message): Message[] {
    if (this.#epoch !== undefined && (message.epoch !== this.#epoch || message.seq <= this.#seq)) return [];
    this.#waiting.set(message.seq, message);
    const due = this.#epoch === undefined ? [] : this.#drain();
    if (this.#waiting.size > ChannelLog.maxWaiting) this.#waiting.delete(this.farthest);
    return due;
  }

  /** The farthest message that waits; 0 when none does. */
  get farthest(): number {
    return Math.max(0, ...this.#waiting.keys());
  }

  /** History is known to hold nothing more up to `seq`: the holes before it are not messages, go on behind them. */
  closeGaps(seq: number): Message[] {
    const due: Message[] = [];
    while (this.#waiting.size > 0) {
      const next = Math.min(...this.#waiting.keys());
      if (next > seq) break;
      this.#seq = next - 1;
      due.push(...this.#drain());
    }
    return due;
  }

  #drain(): Message[] {
    const due: Message[] = [];
    for (const seq of this.#waiting.keys()) if (seq <= this.#seq) this.#waiting.delete(seq);
    for (;;) {
      const message = this.#waiting.get(this.#seq + 1);
      if (!message) return due;
      this.#waiting.delete(++this.#seq);
      due.push(message);
    }
  }
}
