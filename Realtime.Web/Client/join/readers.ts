import type { Channel } from '@realtime/client';
import type { ChatEntry } from './chat-entry';

/** More than one mark in this time says nothing that the last one does not. */
const markEveryMs = 1_000;

const mostNames = 3;

/** How far the others have read, shown below our own messages; and how far we have, told to them. */
export class Readers {
  readonly #channel: Channel;
  readonly #own: string;
  readonly #marks = new Map<string, number>();
  readonly #names = new Map<string, string>();
  #shown = new Set<ChatEntry>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(channel: Channel, own: string) {
    this.#channel = channel;
    this.#own = own;
  }

  /** Who is who: of those who write and of those who are here. */
  named(user: string, name: string): void {
    this.#names.set(user, name);
  }

  read(user: string, seq: number): void {
    if (user !== this.#own) this.#marks.set(user, Math.max(seq, this.#marks.get(user) ?? 0));
  }

  /** We have seen everything there is. */
  seen(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#channel.markRead().catch(() => undefined); // The next one says this as well.
    }, markEveryMs);
  }

  /** Below which of our messages each reader stands: the last one that is not after their mark. */
  show(entries: readonly ChatEntry[]): void {
    const readers = new Map<ChatEntry, string[]>();
    for (const [user, mark] of this.#marks) {
      const entry = entries.findLast(({ seq, isDeleted }) => seq !== undefined && seq <= mark && !isDeleted);
      if (!entry || entry.author !== this.#own) continue;
      readers.set(entry, [...(readers.get(entry) ?? []), this.#names.get(user) ?? 'somebody']);
    }
    for (const entry of this.#shown) if (!readers.has(entry)) entry.seenBy('');
    for (const [entry, names] of readers) {
      const more = names.length - mostNames;
      entry.seenBy(`Seen by ${names.slice(0, mostNames).join(', ')}${more > 0 ? ` and ${more} more` : ''}`);
    }
    this.#shown = new Set(readers.keys());
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
