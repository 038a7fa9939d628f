import type { Clock } from '../clock.js';
import type { TrackWish } from '../contracts.js';
import { Wishes } from './wishes.js';

interface View {
  element: Element;
  /** Undefined until the browser has laid it out: asking before that would make it do so at once. */
  size: { width: number; height: number } | undefined;
  /** Within what of the page can be seen, as far as the browser has said. */
  visible: boolean;
}

/**
 * Where tracks are shown: each is asked for in the size of its tile, and not at all while nobody can see it. A track that is shown nowhere here comes in full, as
 * far as `wish` says nothing else.
 */
export class Views {
  /** A picture is enlarged by a third at most before the next larger one is asked for. */
  static readonly slack = 1.5;
  /** Sizes are told in steps of this many pixels. */
  static readonly step = 16;
  /** A page that is covered for a moment goes on. */
  static readonly hiddenMs = 1_000;

  readonly #clock: Clock;
  readonly #wishes: Wishes;
  readonly #views = new Map<string, View>();
  readonly #resized: ResizeObserver | undefined;
  readonly #seen: IntersectionObserver | undefined;
  readonly #pageChanged = () => this.#visibilityChanged();
  #hidden = false;
  #cancelHiding: (() => void) | undefined;

  /** @internal */
  constructor(clock: Clock, subscribe: (wishes: TrackWish[]) => Promise<unknown>) {
    this.#clock = clock;
    this.#wishes = new Wishes(clock, subscribe);
    if (typeof ResizeObserver === 'undefined' || typeof IntersectionObserver === 'undefined') return;
    this.#resized = new ResizeObserver(entries => {
      for (const { target, contentRect } of entries) this.#change(target, { size: { width: contentRect.width, height: contentRect.height } });
    });
    this.#seen = new IntersectionObserver(entries => {
      for (const { target, isIntersecting } of entries) this.#change(target, { visible: isIntersecting });
    });
    document.addEventListener('visibilitychange', this.#pageChanged);
  }

  /** The track is shown in this element from now on; one that shrinks to nothing, or is scrolled out of sight, gets nothing. */
  show(track: string, element: Element): void {
    if (this.#views.get(track)?.element === element) return;
    this.hide(track);
    const known = [...this.#views.values()].find(view => view.element === element);
    this.#views.set(track, { element, size: known?.size ?? (this.#resized ? undefined : element.getBoundingClientRect()), visible: known?.visible ?? true });
    this.#resized?.observe(element);
    this.#seen?.observe(element);
    this.#ask(track);
  }

  /** It is not shown in an element any more that this class knows of. */
  hide(track: string): void {
    const view = this.#views.get(track);
    if (!view) return;
    this.#views.delete(track);
    if ([...this.#views.values()].some(({ element }) => element === view.element)) return;
    this.#resized?.unobserve(view.element);
    this.#seen?.unobserve(view.element);
  }

  /** What else is asked of a track: `pinned`, `priority`, `maxFps`; or everything, where the application knows better than its tiles. */
  wish(track: string, wish: Omit<TrackWish, 'track'>): void {
    this.#wishes.set(track, wish);
  }

  /** @internal What is asked of the one is asked of the other as well, before it is shown anywhere. */
  succeed(track: string, by: string): void {
    this.#wishes.copy(track, by);
  }

  /** @internal The track ended. */
  forget(track: string): void {
    this.hide(track);
    this.#wishes.forget(track);
  }

  /** @internal A new presence in the room. */
  repeat(): void {
    this.#wishes.repeat();
  }

  /** @internal */
  stop(): void {
    this.#cancelHiding?.();
    this.#resized?.disconnect();
    this.#seen?.disconnect();
    this.#views.clear();
    this.#wishes.stop();
    if (this.#seen) document.removeEventListener('visibilitychange', this.#pageChanged);
  }

  #change(target: Element, change: Partial<View>): void {
    for (const [track, view] of this.#views) {
      if (view.element !== target) continue;
      Object.assign(view, change);
      this.#ask(track);
    }
  }

  #visibilityChanged(): void {
    this.#cancelHiding?.();
    this.#cancelHiding = undefined;
    if (document.visibilityState === 'hidden') this.#cancelHiding = this.#clock.after(Views.hiddenMs, () => this.#setHidden(true));
    else this.#setHidden(false);
  }

  #setHidden(hidden: boolean): void {
    this.#hidden = hidden;
    for (const track of this.#views.keys()) this.#ask(track);
  }

  #ask(track: string): void {
    const { size, visible } = this.#views.get(track)!;
    const pixels = (length: number) => Math.ceil((length * (globalThis.devicePixelRatio || 1) * Views.slack) / Views.step) * Views.step;
    // Without a size nothing can be seen; and what it had last is what it gets first when it comes back.
    if (!visible || this.#hidden || (size && (size.width < 1 || size.height < 1))) this.#wishes.set(track, { paused: true });
    else if (size) this.#wishes.set(track, { maxWidth: pixels(size.width), maxHeight: pixels(size.height), paused: false });
  }
}
