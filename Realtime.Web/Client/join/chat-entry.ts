import type { Message, MessageAttachment, OutgoingMessage, RealtimeError } from '@realtime/client';
import { AttachmentCard, type Download } from './attachment-card';
import { icon, make } from './dom';
import { explain } from './words';

const clock = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' });
const dateAndClock = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

/** Two messages of one person within this time share one heading. */
const groupMs = 5 * 60_000;

/** What can be done with a message. */
export interface EntryActions {
  download: Download;
  edit(entry: ChatEntry): void;
  remove(entry: ChatEntry): void;
}

export interface EntryContent { author: string; authorName: string; text: string; createdAt: string | number; attachments?: MessageAttachment[] }

/** One message in the list: somebody's, or ours on its way. */
export class ChatEntry {
  readonly element = make('li', 'message');
  readonly author: string;
  readonly #own: boolean;
  readonly #actions: EntryActions;
  readonly #time = make('time');
  readonly #state = make('p', 'state');
  readonly #seen = make('p', 'seen');
  readonly #text: HTMLElement;
  readonly #buttons = make('div', 'actions');
  #cards: AttachmentCard[] = [];
  #id: string | undefined;
  #createdAt: number;
  #seq: number | undefined;

  constructor({ author, authorName, text, createdAt, attachments }: EntryContent, own: boolean, actions: EntryActions) {
    this.author = author;
    this.#own = own;
    this.#actions = actions;
    this.#createdAt = new Date(createdAt).getTime();
    this.element.dataset.testid = 'message';
    this.element.classList.toggle('own', own);
    const head = make('p', 'head');
    head.append(make('span', 'author', own ? 'You' : authorName), this.#time);
    this.#text = make('p', 'text', text);
    this.#text.dir = 'auto'; // By its own letters, and apart from what stands beside it.
    this.element.append(head, this.#text, this.#state, this.#seen);
    this.#showAttachments(attachments);
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

  get text(): string {
    return this.#text.textContent ?? '';
  }

  get isDeleted(): boolean {
    return this.element.dataset.changed === 'deleted';
  }

  /** Whether its author may still change it. */
  get isChangeable(): boolean {
    return this.#own && this.#id !== undefined && !this.isDeleted;
  }

  stored({ id, seq, createdAt, text, attachments, editedAt, deleted }: Message): void {
    this.#id = id;
    this.#seq = seq;
    this.#createdAt = new Date(createdAt).getTime();
    this.element.dataset.seq = String(seq);
    this.#setState('stored');
    this.#showTime();
    if (deleted) return this.deleted();
    this.#say(text, editedAt !== undefined);
    this.#showAttachments(attachments);
    if (this.#own) this.#showActions();
  }

  edited(text: string): void {
    if (!this.isDeleted) this.#say(text, true);
  }

  deleted(): void {
    this.#text.textContent = 'Message deleted';
    this.element.dataset.changed = 'deleted';
    this.#buttons.remove();
    this.seenBy('');
    this.#showAttachments([]);
  }

  /** A change was refused. */
  notChanged(error: RealtimeError): void {
    this.#state.textContent = `Not changed. ${explain(error)}`;
  }

  seenBy(text: string): void {
    if (this.#seen.textContent !== text) this.#seen.textContent = text;
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

  remove(): void {
    for (const card of this.#cards) card.remove();
    this.element.remove();
  }

  #say(text: string, edited: boolean): void {
    this.#text.textContent = text;
    this.#state.replaceChildren();
    if (edited) this.element.dataset.changed = 'edited';
  }

  #showAttachments(attachments: MessageAttachment[] = []): void {
    if (this.#cards.map(card => card.id).join() === attachments.map(({ id }) => id).join()) return;
    for (const card of this.#cards) card.remove();
    this.#cards = attachments.map(attachment => new AttachmentCard(attachment, this.#actions.download));
    this.#text.after(...this.#cards.map(card => card.element));
  }

  #showActions(): void {
    if (this.#buttons.parentElement) return;
    for (const [name, picture, act] of [['Edit', 'edit', this.#actions.edit], ['Delete', 'trash', this.#actions.remove]] as const) {
      const button = make('button', 'icon-only');
      button.type = 'button';
      button.title = name;
      button.ariaLabel = `${name} message`;
      button.dataset.testid = `message-${name.toLowerCase()}`;
      button.append(icon(picture));
      button.addEventListener('click', () => act(this));
      this.#buttons.append(button);
    }
    this.element.append(this.#buttons);
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
