import type { Clock } from '../clock.js';
import { Backoff } from './backoff.js';
import { TokenSource } from './token-source.js';

/**
 * Gives the server a newer token before the one in use ends, so that the connection goes on. A failure is tried again; when the
 * old token ends first, the server closes and the next connection comes with a new one.
 */
export class TokenRenewal {
  /** Timers do not reach further than 24 days; a look a day is enough. */
  static readonly lookAtLeastEveryMs = 86_400_000;

  /** A provider whose tokens end at once must not be asked all the time. */
  static readonly atMostEveryMs = 5_000;

  readonly #clock: Clock;
  readonly #tokens: TokenSource;
  readonly #refresh: (token: string) => Promise<unknown>;
  readonly #backoff: Backoff;
  #cancel: (() => void) | undefined;
  #given = '';
  #life = 0;

  constructor(clock: Clock, tokens: TokenSource, refresh: (token: string) => Promise<unknown>) {
    this.#clock = clock;
    this.#tokens = tokens;
    this.#refresh = refresh;
    this.#backoff = new Backoff(clock);
  }

  /** The connection stands, with this token. */
  start(token: string): void {
    this.stop();
    this.#given = token;
    this.#backoff.reset();
    this.#plan();
  }

  stop(): void {
    this.#life++;
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #plan(): void {
    const { renewable, expires } = this.#tokens;
    if (!renewable || expires === 0) return;
    const left = expires - this.#clock.now();
    const wait = Math.max(left - TokenSource.renewBeforeMs, left / 2, TokenRenewal.atMostEveryMs);
    this.#after(Math.min(wait, TokenRenewal.lookAtLeastEveryMs));
  }

  #after(ms: number): void {
    const life = this.#life;
    this.#cancel = this.#clock.after(ms, () => void this.#renew(life));
  }

  async #renew(life: number): Promise<void> {
    try {
      const token = await this.#tokens.get();
      if (life !== this.#life) return;
      if (token !== this.#given) await this.#refresh(token);
      this.#given = token;
    } catch {
      // The provider or the server would not, this time: the connection lives on, and there is time to ask again.
      if (life === this.#life) this.#after(this.#backoff.next(TokenRenewal.atMostEveryMs));
      return;
    }
    if (life !== this.#life) return;
    this.#backoff.reset();
    this.#plan();
  }
}
