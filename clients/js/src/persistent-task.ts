import type { Clock } from './clock.js';
import { Backoff } from './connection/backoff.js';
import { RealtimeError } from './errors.js';

/**
 * Work that has to succeed in the end: one run at a time; asked for again during a run, it runs once more afterwards; a
 * retryable failure is tried again with backoff, any other one ends this request and is told to `refused`.
 */
export class PersistentTask {
  /** The server's own faults may pass; more of them in a row are an answer. */
  static readonly maxFaults = 3;

  readonly #clock: Clock;
  readonly #work: () => Promise<void>;
  readonly #refused: (error: RealtimeError) => void;
  readonly #backoff: Backoff;
  #running = false;
  #faults = 0;
  #wanted = false;
  #stopped = false;
  #cancelRetry: (() => void) | undefined;

  constructor(clock: Clock, work: () => Promise<void>, refused: (error: RealtimeError) => void) {
    this.#clock = clock;
    this.#work = work;
    this.#refused = refused;
    this.#backoff = new Backoff(clock);
  }

  /** Asks for a run; does not shorten a wait that a failure imposed. */
  request(): void {
    this.#wanted = true;
    if (!this.#cancelRetry) void this.#run();
  }

  /** Asks for a run now: what made the last one fail (no connection) is over. */
  requestNow(): void {
    this.#cancelWait();
    this.#backoff.reset();
    this.request();
  }

  /** Ends a wait that a failure imposed, if there is one. */
  wake(): void {
    if (!this.#cancelRetry) return;
    this.#cancelWait();
    void this.#run();
  }

  /** For good. */
  stop(): void {
    this.#stopped = true;
    this.#cancelWait();
  }

  async #run(): Promise<void> {
    if (this.#running) return;
    this.#running = true;
    await Promise.resolve(); // Requests made in one go are one run.
    try {
      while (this.#wanted && !this.#stopped) {
        this.#wanted = false;
        await this.#work();
        this.#backoff.reset();
        this.#faults = 0;
      }
    } catch (thrown) {
      this.#failed(RealtimeError.from(thrown));
    } finally {
      this.#running = false;
    }
    if (this.#wanted && !this.#cancelRetry) void this.#run();
  }

  #failed(error: RealtimeError): void {
    if (this.#stopped) return;
    if (error.code === 'internal' ? ++this.#faults > PersistentTask.maxFaults : !error.retryable) {
      this.#faults = 0;
      return this.#refused(error);
    }
    this.#wanted = true;
    this.#cancelRetry = this.#clock.after(this.#backoff.next(error.retryAfterMs ?? 0), () => {
      this.#cancelRetry = undefined;
      void this.#run();
    });
  }

  #cancelWait(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
  }
}
