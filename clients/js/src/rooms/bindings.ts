import type { BoundEvent } from '../contracts.js';

/** What plays in one receive section. */
export interface Binding { mid: string; participant: string; track: string }

/** Which track plays in which receive section, as the server says: its word is final, and needs no negotiation. */
export class Bindings {
  readonly #byMid = new Map<string, Binding>();

  get all(): Binding[] {
    return [...this.#byMid.values()];
  }

  /** Returns what stopped and what started there; nothing for a repetition. */
  apply({ mid, participant, track }: BoundEvent): { ended?: Binding; started?: Binding } {
    const before = this.#byMid.get(mid);
    if (participant === undefined || track === undefined) {
      this.#byMid.delete(mid);
      return { ended: before };
    }
    if (before?.participant === participant && before.track === track) return {};
    const started = { mid, participant, track };
    this.#byMid.set(mid, started);
    return { ended: before, started };
  }

  ofTrack(track: string): Binding | undefined {
    return this.all.find(binding => binding.track === track);
  }

  /** Forgets what played of a participant that left; the server will say what comes there next. */
  release(participant: string): Binding[] {
    const released = this.all.filter(binding => binding.participant === participant);
    for (const binding of released) this.#byMid.delete(binding.mid);
    return released;
  }
}
