import { change, type Demand } from './sending.js';

/** Encodes what somebody needs, and no more. One change at a time: parameters are good for one call only. */
export class SendDemand {
  readonly #sender: RTCRtpSender;
  readonly #scalabilityMode: string | undefined;
  #wanted: Demand | undefined;
  #last: Demand | undefined;
  #kept: Demand | undefined;
  #running = false;

  constructor(sender: RTCRtpSender, scalabilityMode: string | undefined) {
    this.#sender = sender;
    this.#scalabilityMode = scalabilityMode;
  }

  async apply(wanted: Demand): Promise<void> {
    this.#last = this.#wanted = wanted;
    if (this.#running) return;
    this.#running = true;
    try {
      while (this.#wanted) {
        const now = this.#kept ? both(this.#kept, this.#wanted) : this.#wanted;
        this.#wanted = undefined;
        const parameters = this.#sender.getParameters();
        if (change(parameters.encodings, now, this.#scalabilityMode, this.#sender.track)) await this.#sender.setParameters(parameters);
      }
    } finally {
      this.#running = false;
    }
  }

  /** What is needed now, as far as it was said. */
  get current(): Demand | undefined {
    return this.#last;
  }

  /** Encodes this in any case: what another connection sends, of which this one takes the place. */
  async keep(kept: Demand): Promise<void> {
    this.#kept = kept;
    await this.apply(this.#last ?? kept);
  }

  /** From now on only what is needed here. */
  async settle(): Promise<void> {
    if (!this.#kept) return;
    this.#kept = undefined;
    if (this.#last) await this.apply(this.#last);
  }

  /** Another picture goes in from now on, of another size maybe. */
  async mediaChanged(): Promise<void> {
    if (this.#last && this.#sender.track) await this.apply(this.#last);
  }
}

/** What serves who needs the one and who needs the other. */
function both(one: Demand, other: Demand): Demand {
  if (one.paused || other.paused) return one.paused ? other : one;
  const larger = (a = 0, b = 0) => (a === 0 || b === 0 ? 0 : Math.max(a, b));
  return {
    wanted: one.wanted.length === 0 || other.wanted.length === 0 ? [] : [...new Set([...one.wanted, ...other.wanted])],
    paused: false, maxWidth: larger(one.maxWidth, other.maxWidth), maxHeight: larger(one.maxHeight, other.maxHeight),
  };
}
