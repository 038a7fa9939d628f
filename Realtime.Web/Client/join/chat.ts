import { type Channel, type OutgoingMessage, RealtimeError } from '@realtime/client';
import { ChatList } from './chat-list';
import { announce, element } from './dom';
import { explain } from './words';

const page = 50;
const wide = matchMedia('(min-width: 60.01rem)');

/** The chat beside the call: history, writing, what is unread. */
export class Chat {
  readonly #scroll = element('chat-scroll');
  readonly #text = element<HTMLTextAreaElement>('chat-text');
  #channel: Channel | undefined;
  #list: ChatList | undefined;
  #room = '';
  #loading = true;
  #unread = 0;

  constructor() {
    this.open(wide.matches);
    this.#writable(false);
    element('chat-toggle').addEventListener('click', () => this.toggle());
    element('chat-close').addEventListener('click', () => this.toggle());
    element('chat-newest').addEventListener('click', () => this.#toNewest());
    element('chat-earlier').addEventListener('click', () => void this.#earlier());
    element('chat-form').addEventListener('submit', event => {
      event.preventDefault();
      this.#send();
    });
    this.#text.addEventListener('keydown', event => {
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#send();
    });
    this.#text.addEventListener('input', () => this.#fit());
    this.#scroll.addEventListener('scroll', () => this.#seen(), { passive: true });
    document.addEventListener('visibilitychange', () => this.#seen());
  }

  /** Follows a channel from before its first message. */
  async enter(channel: Channel, user: string): Promise<void> {
    this.#channel = channel;
    this.#room = channel.name;
    this.#list = new ChatList(user);
    this.#loading = true;
    this.#setUnread(0);
    this.#empty();
    channel.on('message', message => {
      const atEnd = this.#atEnd;
      const news = this.#list!.append(message);
      this.#empty();
      if (this.#loading) return;
      if (news && !this.#isRead(atEnd)) this.#arrived(message.authorName);
      if (atEnd) this.#toEnd();
    });
    channel.on('edited', update => this.#list!.edited(update));
    channel.on('deleted', deletion => this.#list!.deleted(deletion));
    channel.on('outgoing', message => {
      const atEnd = this.#atEnd;
      this.#list?.update(message, () => this.#again(message));
      if (atEnd) this.#toEnd();
    });
    channel.on('skipped', ({ from, to }) => this.#list?.skip(to - from + 1));
    channel.on('lost', error => announce(`The chat stopped: ${explain(error)}`));
    await channel.join();
    this.#loading = false;
    this.#writable(true);
    element('chat-earlier').hidden = (this.#list.firstSeq ?? 1) <= 1;
    this.#toEnd();
  }

  leave(): void {
    this.#channel = undefined;
    this.#writable(false);
    this.#setUnread(0);
    document.title = 'Realtime';
  }

  /** Nothing can be written before there is a channel to send it to; later, while reconnecting, the outbox keeps it. */
  #writable(can: boolean): void {
    this.#text.disabled = !can;
    this.#text.placeholder = can ? 'Write a message' : 'Connecting…';
  }

  get isOpen(): boolean {
    return !element('call').classList.contains('chat-closed');
  }

  toggle(): void {
    this.open(!this.isOpen);
    if (this.isOpen) this.#text.focus({ preventScroll: true });
    else element('chat-toggle').focus();
  }

  open(open: boolean): void {
    element('call').classList.toggle('chat-closed', !open);
    element('chat-toggle').setAttribute('aria-expanded', String(open));
    if (open) this.#toEnd();
  }

  #send(): void {
    const text = this.#text.value.trim();
    if (!text || !this.#channel) return;
    try {
      const message = this.#channel.send(text);
      this.#list?.add(message, () => this.#again(message));
      this.#text.value = '';
      this.#fit();
      this.#empty();
      this.#toEnd();
    } catch (thrown) {
      announce(explain(RealtimeError.from(thrown))); // The outbox is full: the text stays in the box.
    }
  }

  #again(message: OutgoingMessage): void {
    this.#list?.remove(message);
    this.#text.value = message.request.text;
    this.#send();
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
    this.#text.focus({ preventScroll: true });
  }

  #toEnd(): void {
    this.#scroll.scrollTop = this.#scroll.scrollHeight;
    this.#seen();
  }

  #empty(): void {
    element('chat-empty').hidden = !this.#list?.isEmpty;
  }

  #fit(): void {
    this.#text.style.height = 'auto';
    this.#text.style.height = `${this.#text.scrollHeight + 2}px`;
  }
}
