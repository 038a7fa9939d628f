import type { Clock } from '../clock.js';
import type { RoomLink } from './room-link.js';

/** Decides when a new peer connection may take the old one's place: when something plays on it, or nothing is going to. */
export class HandOver {
  /** Connected, but no picture yet: after this long the old one shows nothing better either. */
  static readonly patienceMs = 3_000;

  readonly link: RoomLink;
  /** How long the old connection goes on sending and showing after that: the others may still be on their way to the new one. */
  readonly lingerMs: number;
  readonly #clock: Clock;
  readonly #ready: () => void;
  #cancel: (() => void) | undefined;
  #done = false;

  constructor(link: RoomLink, clock: Clock, lingerMs: number, ready: () => void) {
    this.link = link;
    this.#clock = clock;
    this.lingerMs = lingerMs;
    this.#ready = ready;
  }

  connected(): void {
    this.#cancel ??= this.#clock.after(HandOver.patienceMs, () => this.#finish());
  }

  bound(media: MediaStreamTrack | undefined): void {
    if (!media) return;
    this.link.firstFrames.when(media, () => this.#finish());
  }

  stop(): void {
    this.#done = true;
    this.#cancel?.();
  }

  #finish(): void {
    if (this.#done) return;
    this.stop();
    this.#ready();
  }
}
