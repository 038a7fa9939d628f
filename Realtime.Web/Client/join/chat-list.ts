import type { Message, MessageDeletedEvent, MessageUpdatedEvent, OutgoingMessage } from '@realtime/client';
import { ChatEntry, type EntryActions } from './chat-entry';
import { element, make } from './dom';

/** The messages in the order of the channel, then our own that are still on their way. */
export class ChatList {
  /** In the page at once; older ones are let go and can be paged in again. */
  static readonly maxEntries = 1_000;

  /** Changes kept of messages that are not here: the page of history that brings them may be older than the change. */
  static readonly maxMissed = 200;

  readonly #list = element<HTMLOListElement>('messages');
  readonly #stored: ChatEntry[] = [];
  readonly #byId = new Map<string, ChatEntry>();
  readonly #missed = new Map<string, (entry: ChatEntry) => void>();
  readonly #pending = new Map<string, ChatEntry>();
  readonly #user: string;
  readonly #actions: EntryActions;
  readonly #mark = make('li', 'unread-mark', 'New');

  constructor(user: string, actions: EntryActions) {
    this.#user = user;
    this.#actions = actions;
    this.#list.replaceChildren();
  }

  get firstSeq(): number | undefined {
    return this.#stored[0]?.seq;
  }

  /** Those with a place in the channel, oldest first. */
  get stored(): readonly ChatEntry[] {
    return this.#stored;
  }

  /** Our newest that can still be changed. */
  get lastOwn(): ChatEntry | undefined {
    return this.#stored.findLast(entry => entry.isChangeable);
  }

  get isEmpty(): boolean {
    return this.#list.childElementCount === 0;
  }

  /** A message of the channel; returns whether it is news to the reader (not their own). */
  append(message: Message): boolean {
    const pending = this.#pending.get(message.clientMessageId);
    this.#pending.delete(message.clientMessageId);
    const entry = pending ?? this.#entry(message);
    entry.stored(message);
    const [firstPending] = this.#pending.values();
    this.#list.insertBefore(entry.element, firstPending?.element ?? null);
    entry.groupAfter(this.#stored.at(-1));
    this.#stored.push(entry);
    this.#byId.set(message.id, entry);
    if (this.#stored.length > ChatList.maxEntries) this.#forget(this.#stored.shift()!);
    firstPending?.groupAfter(entry);
    return message.author !== this.#user;
  }

  prepend(messages: Message[]): void {
    const first = this.firstSeq ?? Infinity;
    const entries = messages.filter(message => message.seq < first).map(message => {
      const entry = this.#entry(message);
      entry.stored(message);
      return entry;
    });
    this.#list.prepend(...entries.map(entry => entry.element));
    this.#stored.unshift(...entries);
    for (const entry of entries) {
      this.#byId.set(entry.id!, entry);
      this.#missed.get(entry.id!)?.(entry);
    }
    for (const [index, entry] of this.#stored.slice(0, entries.length + 1).entries()) entry.groupAfter(this.#stored[index - 1]);
  }

  /** A message says something else now. */
  edited({ id, text, deleted }: MessageUpdatedEvent): void {
    this.#change(id, entry => deleted ? entry.deleted() : entry.edited(text));
  }

  deleted({ id }: MessageDeletedEvent): void {
    this.#change(id, entry => entry.deleted());
  }

  /** Our own message, on its way. */
  add(message: OutgoingMessage, again: () => void): void {
    const { text, attachments } = message.request;
    const entry = new ChatEntry({ author: this.#user, authorName: '', text, attachments, createdAt: Date.now() }, true, this.#actions);
    const before = [...this.#pending.values()].at(-1) ?? this.#stored.at(-1);
    this.#pending.set(message.clientMessageId, entry);
    this.#list.append(entry.element);
    entry.groupAfter(before);
    entry.showOutgoing(message, again);
  }

  update(message: OutgoingMessage, again: () => void): void {
    this.#pending.get(message.clientMessageId)?.showOutgoing(message, again);
  }

  remove(message: OutgoingMessage): void {
    this.#pending.get(message.clientMessageId)?.remove();
    this.#pending.delete(message.clientMessageId);
  }

  /** Says that `count` messages are not here. */
  skip(count: number): void {
    this.#list.append(make('li', 'skipped', `${count} messages not shown`));
  }

  /** Marks where the unread ones begin: before the newest. */
  markUnread(): void {
    const newest = this.#stored.at(-1);
    if (!newest) return;
    newest.element.before(this.#mark);
    newest.groupAfter(undefined);
  }

  #change(id: string, change: (entry: ChatEntry) => void): void {
    const entry = this.#byId.get(id);
    if (entry) return change(entry);
    this.#missed.delete(id);
    this.#missed.set(id, change);
    if (this.#missed.size > ChatList.maxMissed) this.#missed.delete(this.#missed.keys().next().value!);
  }

  #forget(entry: ChatEntry): void {
    entry.remove();
    if (entry.id) this.#byId.delete(entry.id);
  }

  #entry(message: Message): ChatEntry {
    return new ChatEntry(message, message.author === this.#user, this.#actions);
  }
}
