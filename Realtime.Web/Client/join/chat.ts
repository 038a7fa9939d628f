import { type Attachments, type Channel, type Message, type MessageAttachment, type OutgoingMessage, RealtimeError } from '@realtime/client';
import type { ChatEntry } from './chat-entry';
import { ChatList } from './chat-list';
import { Composer } from './composer';
import { confirmed } from './confirm';
import { announce, element } from './dom';
import { Readers } from './readers';
import { Typists } from './typists';
import { explain } from './words';

const page = 50;
const wide = matchMedia('(min-width: 60.01rem)');

/** The chat beside the call: history, writing, what is unread. */
export class Chat {
  readonly #scroll = element('chat-scroll');
  readonly #composer = new Composer({
    send: (text, attachments) => this.#send(text, attachments),
    change: (entry, text) => void this.#change(entry, text),
    lastOwn: () => this.#list?.lastOwn,
    typing: () => void this.#channel?.typing().catch(() => undefined), // Nobody waits for it.
  });
  #channel: Channel | undefined;
  #list: ChatList | undefined;
  #typists: Typists | undefined;
  #readers: Readers | undefined;
  #room = '';
  #loading = true;
  #unread = 0;

  constructor() {
    this.open(wide.matches);
    element('chat-toggle').addEventListener('click', () => this.toggle());
    element('chat-close').addEventListener('click', () => this.toggle());
    element('chat-newest').addEventListener('click', () => this.#toNewest());
    element('chat-earlier').addEventListener('click', () => void this.#earlier());
    this.#scroll.addEventListener('scroll', () => this.#seen(), { passive: true });
    document.addEventListener('visibilitychange', () => this.#seen());
  }

  /** Follows a channel from before its first message. */
  async enter(channel: Channel, attachments: Attachments, user: string): Promise<void> {
    this.#channel = channel;
    this.#room = channel.name;
    this.#list = new ChatList(user, {
      download: id => attachments.download(id),
      edit: entry => this.#composer.edit(entry),
      remove: entry => void this.#delete(entry),
    });
    this.#typists = new Typists(user);
    this.#readers = new Readers(channel, user);
    this.#loading = true;
    this.#setUnread(0);
    this.#empty();
    channel.on('message', message => this.#received(message));
    channel.on('edited', update => this.#list!.edited(update));
    channel.on('deleted', deletion => this.#list!.deleted(deletion));
    channel.on('typing', event => this.#typists!.take(event));
    channel.on('members', members => {
      for (const member of members) this.#readers!.named(member.user, member.name);
    });
    channel.on('read', mark => {
      this.#readers!.read(mark.user, mark.seq);
      this.#readers!.show(this.#list!.stored);
    });
    channel.on('outgoing', message => {
      const atEnd = this.#atEnd;
      this.#list?.update(message, () => this.#again(message));
      if (atEnd) this.#toEnd();
    });
    channel.on('skipped', ({ from, to }) => this.#list?.skip(to - from + 1));
    channel.on('lost', error => announce(`The chat stopped: ${explain(error)}`));
    await channel.join();
    this.#loading = false;
    this.#composer.enter(channel.name, attachments);
    element('chat-earlier').hidden = (this.#list.firstSeq ?? 1) <= 1;
    this.#toEnd();
  }

  leave(): void {
    this.#channel = undefined;
    this.#typists?.clear();
    this.#readers?.stop();
    this.#composer.leave();
    this.#setUnread(0);
    document.title = 'Realtime';
  }

  get isOpen(): boolean {
    return !element('call').classList.contains('chat-closed');
  }

  toggle(): void {
    this.open(!this.isOpen);
    if (this.isOpen) this.#composer.focus();
    else element('chat-toggle').focus();
  }

  open(open: boolean): void {
    element('call').classList.toggle('chat-closed', !open);
    element('chat-toggle').setAttribute('aria-expanded', String(open));
    if (!open) return;
    this.#composer.fit();
    this.#toEnd();
  }

  #received(message: Message): void {
    const atEnd = this.#atEnd;
    const news = this.#list!.append(message);
    this.#readers!.named(message.author, message.authorName);
    this.#readers!.read(message.author, message.seq); // Who writes has read.
    this.#typists!.stop(message.author);
    this.#empty();
    if (this.#loading) return;
    this.#readers!.show(this.#list!.stored);
    if (news && !this.#isRead(atEnd)) this.#arrived(message.authorName);
    if (atEnd) this.#toEnd();
  }

  #send(text: string, attachments: MessageAttachment[]): boolean {
    if (!this.#channel) return false;
    try {
      const message = this.#channel.send(attachments.length > 0 ? { text, attachments } : text);
      this.#list?.add(message, () => this.#again(message));
      this.#empty();
      this.#toEnd();
      return true;
    } catch (thrown) {
      announce(explain(RealtimeError.from(thrown))); // The outbox is full: the text stays in the box.
      return false;
    }
  }

  #again(message: OutgoingMessage): void {
    this.#list?.remove(message);
    const { text, attachments } = message.request;
    if (!this.#send(text, attachments ?? [])) this.#composer.restore(text);
  }

  async #change(entry: ChatEntry, text: string): Promise<void> {
    try {
      await this.#channel?.edit(entry.id!, text);
    } catch (thrown) {
      entry.notChanged(RealtimeError.from(thrown));
    }
  }

  async #delete(entry: ChatEntry): Promise<void> {
    if (!await confirmed('Delete this message for everybody?', entry.text, 'Delete')) return;
    try {
      await this.#channel?.delete(entry.id!);
    } catch (thrown) {
      entry.notChanged(RealtimeError.from(thrown));
    }
  }

  async #earlier(): Promise<void> {
    const before = this.#list?.firstSeq;
    if (!this.#channel || before === undefined) return;
    const button = element<HTMLButtonElement>('chat-earlier');
    button.disabled = true;
    try {
      const messages = await this.#channel.history({ before, limit: page });
      const fromEnd = this.#scroll.scrollHeight - this.#scroll.scrollTop;
      this.#list?.prepend(messages);
      this.#scroll.scrollTop = this.#scroll.scrollHeight - fromEnd;
      button.hidden = messages.length < page;
    } catch (thrown) {
      announce(explain(RealtimeError.from(thrown)));
    } finally {
      button.disabled = false;
    }
  }

  get #atEnd(): boolean {
    return this.#scroll.scrollHeight - this.#scroll.scrollTop - this.#scroll.clientHeight < 40;
  }

  #isRead(atEnd: boolean): boolean {
    return this.isOpen && !document.hidden && atEnd;
  }

  #arrived(author: string): void {
    if (this.#unread === 0) this.#list?.markUnread();
    this.#setUnread(this.#unread + 1);
    element('chat-newest').hidden = this.#atEnd;
    if (!this.isOpen) announce(`New message from ${author}`);
  }

  #seen(): void {
    if (!this.#isRead(this.#atEnd)) return;
    this.#setUnread(0);
    element('chat-newest').hidden = true;
    if (this.#channel && !this.#loading) this.#readers?.seen();
  }

  #setUnread(count: number): void {
    this.#unread = count;
    const badge = element('unread');
    badge.hidden = count === 0;
    badge.textContent = count > 99 ? '99+' : String(count);
    document.title = `${count > 0 ? `(${count}) ` : ''}${this.#room ? `${this.#room} · ` : ''}Realtime`;
  }

  #toNewest(): void {
    this.#toEnd();
    this.#composer.focus();
  }

  #toEnd(): void {
    this.#scroll.scrollTop = this.#scroll.scrollHeight;
    this.#seen();
  }

  #empty(): void {
    element('chat-empty').hidden = !this.#list?.isEmpty;
  }
}
