import type { Message, OutgoingMessage } from '@realtime/client';
import { make } from './dom';
import { explain } from './words';

const clock = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' });
const dateAndClock = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

/** Two messages of one person within this time share one heading. */
const groupMs = 5 * 60_000;

/** One message in the list: somebody's, or ours on its way. */
export class ChatEntry {
  readonly element = make('li', 'message');
  readonly author: string;
  readonly #time = make('time');
  readonly #state = make('p', 'state');
  readonly #text: HTMLElement;
  #id: string | undefined;
  #createdAt: number;
  #seq: number | undefined;

  constructor(author: string, name: string, text: string, createdAt: string | number, own: boolean) {
    this.author = author;
    this.#createdAt = new Date(createdAt).getTime();
    this.element.dataset.testid = 'message';
    this.element.classList.toggle('own', own);
    const head = make('p', 'head');
    head.append(make('span', 'author', own ? 'You' : name), this.#time);
    this.#text = make('p', 'text', text);
    this.#text.dir = 'auto'; // By its own letters, and apart from what stands beside it.
    this.element.append(head, this.#text, this.#state);
    this.#showTime();
  }

  /** Its place in the channel; undefined while it has none. */
  get seq(): number | undefined {
    return this.#seq;
  }

  /** What the channel calls it; undefined while it has no place there. */
  get id(): string | undefined {
    return this.#id;
  }

  stored({ id, seq, createdAt, text, editedAt, deleted }: Message): void {
    this.#id = id;
    this.#seq = seq;
    this.#createdAt = new Date(createdAt).getTime();
    this.element.dataset.seq = String(seq);
    this.#setState('stored');
    this.#showTime();
    if (deleted) this.deleted();
    else this.#say(text, editedAt !== undefined);
  }

  edited(text: string): void {
    if (this.element.dataset.changed !== 'deleted') this.#say(text, true);
  }

  deleted(): void {
    this.#text.textContent = 'Message deleted';
    this.element.dataset.changed = 'deleted';
  }

  /** Where our own message stands; `again` is called when its author wants another try. */
  showOutgoing({ state, error, result }: OutgoingMessage, again: () => void): void {
    if (this.#seq !== undefined) return;
    this.#setState(state);
    if (state === 'stored' && result) this.#createdAt = new Date(result.createdAt).getTime();
    else if (state === 'failed') {
      const retry = make('button', '', 'Try again');
      retry.type = 'button';
      retry.addEventListener('click', again);
      this.#state.append(`Not sent. ${error ? explain(error) : ''}`, retry);
    } else if (state === 'sending' && error) {
      this.#state.textContent = error.code === 'rateLimited' ? 'Waiting: you write faster than allowed.' : 'Waiting for the connection…';
    }
  }

  /** Whether it starts a group, after what stands before it. */
  groupAfter(previous: ChatEntry | undefined): void {
    const joined = previous?.author === this.author && this.#createdAt - previous.#createdAt < groupMs
      && previous.element.nextElementSibling === this.element;
    this.element.classList.toggle('first', !joined);
  }

  #say(text: string, edited: boolean): void {
    this.#text.textContent = text;
    if (edited) this.element.dataset.changed = 'edited';
  }

  #setState(state: string): void {
    this.element.dataset.state = state;
    this.#state.replaceChildren();
  }

  #showTime(): void {
    const at = new Date(this.#createdAt);
    const today = at.toDateString() === new Date().toDateString();
    this.#time.dateTime = at.toISOString();
    this.#time.textContent = (today ? clock : dateAndClock).format(at);
  }
}
