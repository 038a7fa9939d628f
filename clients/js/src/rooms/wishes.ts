import type { Clock } from '../clock.js';
import type { TrackWish } from '../contracts.js';
import { PersistentTask } from '../persistent-task.js';

/** What we ask of other people's tracks, told to the server soon after it changes: all that changed together, a few times a second at most. */
export class Wishes {
  static readonly settleMs = 100;
  /** The server takes ten a second, negotiations included. */
  static readonly intervalMs = 250;
  /** In one message. */
  static readonly max = 64;

  readonly #clock: Clock;
  readonly #wishes = new Map<string, Omit<TrackWish, 'track'>>();
  readonly #untold = new Set<string>();
  readonly #tell: PersistentTask;
  #cancel: (() => void) | undefined;
  #toldAt = 0;

  constructor(clock: Clock, subscribe: (wishes: TrackWish[]) => Promise<unknown>) {
    this.#clock = clock;
    this.#tell = new PersistentTask(clock, () => this.#tellNow(subscribe), () => undefined); // Refused: then everything comes, as before.
  }

  /** What was asked of the track before stays, as far as `wish` says nothing else. */
  set(track: string, wish: Omit<TrackWish, 'track'>): void {
    const before = this.#wishes.get(track);
    const now = { ...before, ...wish };
    if (JSON.stringify(before) === JSON.stringify(now)) return;
    this.#wishes.set(track, now);
    this.#untold.add(track);
    this.#soon();
  }

  copy(from: string, to: string): void {
    const wish = this.#wishes.get(from);
    if (wish) this.set(to, wish);
  }

  forget(track: string): void {
    this.#wishes.delete(track);
    this.#untold.delete(track);
  }

  /** A new presence knows nothing of what the one before was told. */
  repeat(): void {
    for (const track of this.#wishes.keys()) this.#untold.add(track);
    if (this.#untold.size > 0) this.#soon();
  }

  stop(): void {
    this.#cancel?.();
    this.#tell.stop();
  }

  #soon(): void {
    if (this.#cancel) return;
    const wait = Math.max(Wishes.settleMs, this.#toldAt + Wishes.intervalMs - this.#clock.now());
    this.#cancel = this.#clock.after(wait, () => {
      this.#cancel = undefined;
      this.#tell.request();
    });
  }

  async #tellNow(subscribe: (wishes: TrackWish[]) => Promise<unknown>): Promise<void> {
    const tracks = [...this.#untold].slice(0, Wishes.max);
    if (tracks.length === 0) return;
    this.#toldAt = this.#clock.now();
    for (const track of tracks) this.#untold.delete(track);
    try {
      await subscribe(tracks.flatMap(track => this.#wishes.has(track) ? [{ ...this.#wishes.get(track), track }] : []));
    } catch (thrown) {
      for (const track of tracks) if (this.#wishes.has(track)) this.#untold.add(track);
      throw thrown;
    }
    if (this.#untold.size > 0) this.#soon();
  }
}
