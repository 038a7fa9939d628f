import type { Attachments, MessageAttachment } from '@realtime/client';
import type { ChatEntry } from './chat-entry';
import { element } from './dom';
import { draftOf, keepDraft } from './place';
import { Uploads } from './uploads';

export interface ComposerListener {
  /** False: it could not be taken, and stays in the box. */
  send(text: string, attachments: MessageAttachment[]): boolean;
  change(entry: ChatEntry, text: string): void;
  /** The last of our own messages, when somebody wants to change it. */
  lastOwn(): ChatEntry | undefined;
  typing(): void;
}

/** The box in which one writes: new messages, changes of old ones, files. */
export class Composer {
  readonly #form = element('chat-form');
  readonly #text = element<HTMLTextAreaElement>('chat-text');
  readonly #listener: ComposerListener;
  readonly #uploads = new Uploads(() => this.#showSendable());
  #room = '';
  #editing: ChatEntry | undefined;
  #before = '';

  constructor(listener: ComposerListener) {
    this.#listener = listener;
    this.#form.addEventListener('submit', event => {
      event.preventDefault();
      this.#submit();
    });
    this.#text.addEventListener('keydown', event => this.#key(event));
    this.#text.addEventListener('input', () => {
      this.fit();
      this.#showSendable();
      if (!this.#editing && this.#text.value) listener.typing();
    });
    this.#text.addEventListener('paste', event => this.#files(event, event.clipboardData?.files));
    const chat = element('chat');
    chat.addEventListener('dragover', event => {
      if (event.dataTransfer?.types.includes('Files')) event.preventDefault();
    });
    chat.addEventListener('drop', event => this.#files(event, event.dataTransfer?.files));
    element('edit-cancel').addEventListener('click', () => this.#edited());
    addEventListener('pagehide', () => {
      if (this.#room) keepDraft(this.#room, this.#editing ? this.#before : this.#text.value);
    });
    this.writable(false);
  }

  enter(room: string, attachments: Attachments): void {
    this.#room = room;
    this.#uploads.enter(attachments, room);
    if (!this.#text.value) this.#text.value = draftOf(room);
    this.fit();
    this.writable(true);
  }

  leave(): void {
    this.#edited();
    this.#room = '';
    this.#uploads.leave();
    this.writable(false);
  }

  /** Nothing can be written before there is a channel to send it to; later, while reconnecting, the outbox keeps it. */
  writable(can: boolean): void {
    this.#text.disabled = !can;
    element<HTMLButtonElement>('chat-attach').disabled = !can;
    this.#text.placeholder = can ? 'Write a message' : 'Connecting…';
    this.#showSendable();
  }

  focus(): void {
    this.#text.focus({ preventScroll: true });
  }

  /** Puts a message that was not sent back into the box. */
  restore(text: string): void {
    this.#text.value = text;
    this.#submit();
  }

  edit(entry: ChatEntry): void {
    if (!this.#editing) this.#before = this.#text.value;
    this.#editing?.element.classList.remove('editing');
    this.#editing = entry;
    entry.element.classList.add('editing');
    element('editing').hidden = false;
    this.#text.value = entry.text;
    this.fit();
    this.#showSendable();
    this.focus();
    this.#text.setSelectionRange(entry.text.length, entry.text.length);
  }

  /** As high as its text; while nobody sees it, it has no height to go by. */
  fit(): void {
    if (!this.#text.checkVisibility()) return;
    this.#text.style.height = 'auto';
    this.#text.style.height = `${this.#text.scrollHeight + 2}px`;
  }

  #edited(): void {
    if (!this.#editing) return;
    this.#editing.element.classList.remove('editing');
    this.#editing = undefined;
    element('editing').hidden = true;
    this.#text.value = this.#before;
    this.fit();
    this.#showSendable();
    this.focus();
  }

  #submit(): void {
    const text = this.#text.value.trim();
    if (this.#editing) {
      const entry = this.#editing;
      if (!text) return;
      this.#edited();
      if (text !== entry.text) this.#listener.change(entry, text);
      return;
    }
    if (this.#uploads.isBusy || (!text && this.#uploads.isEmpty) || this.#text.disabled) return;
    if (!this.#listener.send(text, this.#uploads.take())) return;
    this.#text.value = '';
    keepDraft(this.#room, '');
    this.fit();
    this.#showSendable();
  }

  #key(event: KeyboardEvent): void {
    if (event.isComposing) return;
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      this.#submit();
    } else if (event.key === 'Escape' && this.#editing) {
      event.preventDefault();
      this.#edited();
    } else if (event.key === 'ArrowUp' && !this.#text.value && !this.#editing) {
      const last = this.#listener.lastOwn();
      if (!last) return;
      event.preventDefault();
      this.edit(last);
    }
  }

  #files(event: Event, files: FileList | null | undefined): void {
    if (!files?.length || this.#editing || this.#text.disabled) return;
    event.preventDefault();
    this.#uploads.add(files);
  }

  #showSendable(): void {
    const nothing = !this.#text.value.trim() && (this.#editing !== undefined || this.#uploads.isEmpty);
    element<HTMLButtonElement>('chat-send').disabled = this.#text.disabled || nothing || (!this.#editing && this.#uploads.isBusy);
  }
}
