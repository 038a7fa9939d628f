import type { TypingEvent } from '@realtime/client';
import { element } from './dom';

/** Nobody is shown writing for longer without a new word of it; the sender's clock may be another than ours. */
const longestMs = 15_000;

/** Says who is writing. */
export class Typists {
  readonly #line = element('typing');
  readonly #writing = new Map<string, { name: string; timer: ReturnType<typeof setTimeout> }>();
  readonly #own: string;

  constructor(own: string) {
    this.#own = own;
    this.clear();
  }

  take({ user, name, until, stopped }: TypingEvent): void {
    if (user === this.#own) return; // On another device.
    this.stop(user);
    if (stopped) return;
    const ms = Date.parse(until) - Date.now();
    const timer = setTimeout(() => this.stop(user), ms > 1_000 && ms < longestMs ? ms : longestMs);
    this.#writing.set(user, { name, timer });
    this.#show();
  }

  stop(user: string): void {
    const writing = this.#writing.get(user);
    if (!writing) return;
    clearTimeout(writing.timer);
    this.#writing.delete(user);
    this.#show();
  }

  clear(): void {
    for (const user of [...this.#writing.keys()]) this.stop(user);
    this.#show();
  }

  #show(): void {
    const names = [...this.#writing.values()].map(one => one.name);
    const text = names.length === 0 ? ''
      : names.length === 1 ? `${names[0]} is writing…`
        : names.length === 2 ? `${names[0]} and ${names[1]} are writing…`
          : 'Several people are writing…';
    if (this.#line.textContent !== text) this.#line.textContent = text;
  }
}
