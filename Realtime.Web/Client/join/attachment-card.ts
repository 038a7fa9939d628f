import { type MessageAttachment, RealtimeError } from '@realtime/client';
import { icon, make } from './dom';
import { explain } from './words';

export type Download = (id: string) => Promise<Blob>;

/** What a browser shows as a picture and never runs. */
const pictures = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'image/avif']);

/** Larger pictures are loaded when somebody asks for them. */
const mostPreviewBytes = 2 * 1024 * 1024;

/** Pictures are loaded when they come into view. */
const near = new IntersectionObserver(entries => {
  for (const { isIntersecting, target } of entries) {
    if (!isIntersecting) continue;
    near.unobserve(target);
    waiting.get(target)?.();
    waiting.delete(target);
  }
}, { rootMargin: '200px' });

const waiting = new WeakMap<Element, () => void>();

/** A file beside a message: a picture as a picture, anything else by its name; a click saves it. */
export class AttachmentCard {
  readonly element = make('button', 'attachment');
  readonly #attachment: MessageAttachment;
  readonly #download: Download;
  readonly #note = make('span', 'soft');
  readonly #name: string;
  #preview = '';
  #busy = false;

  constructor(attachment: MessageAttachment, download: Download) {
    this.#attachment = attachment;
    this.#download = download;
    this.#name = attachment.name ?? 'file';
    this.element.type = 'button';
    this.element.dataset.testid = 'attachment';
    this.element.append(icon('file'), make('span', 'file-name', this.#name), this.#note);
    this.element.title = `Save ${this.#name}`;
    this.#note.textContent = bytes(attachment.size);
    this.element.addEventListener('click', () => void this.#save());
    if (pictures.has(attachment.type ?? '') && (attachment.size ?? Infinity) <= mostPreviewBytes) {
      waiting.set(this.element, () => void this.#show());
      near.observe(this.element);
    }
  }

  get id(): string {
    return this.#attachment.id;
  }

  remove(): void {
    near.unobserve(this.element);
    if (this.#preview) URL.revokeObjectURL(this.#preview);
    this.element.remove();
  }

  async #show(): Promise<void> {
    try {
      const data = await this.#download(this.#attachment.id);
      // As a picture and nothing else, whatever it was uploaded as.
      this.#preview = URL.createObjectURL(new Blob([data], { type: this.#attachment.type }));
      const picture = make('img', 'preview-picture');
      picture.alt = '';
      picture.addEventListener('load', () => this.element.classList.add('with-picture'));
      picture.addEventListener('error', () => picture.remove()); // No picture after all: its name is there.
      picture.src = this.#preview;
      this.element.prepend(picture);
    } catch {
      return; // Its name and size are there, and a click says what is wrong.
    }
  }

  async #save(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    this.#note.textContent = 'Loading…';
    try {
      const data = await this.#download(this.#attachment.id);
      // Without its type: nothing opens by itself.
      const url = URL.createObjectURL(new Blob([data], { type: 'application/octet-stream' }));
      const link = make('a');
      link.href = url;
      link.download = this.#name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
      this.#note.textContent = bytes(this.#attachment.size);
    } catch (thrown) {
      const error = RealtimeError.from(thrown);
      this.#note.textContent = error.code === 'notFound' ? 'It is not there any more.' : explain(error);
    } finally {
      this.#busy = false;
    }
  }
}

export function bytes(size: number | undefined): string {
  if (size === undefined) return '';
  if (size < 1024) return `${size} bytes`;
  return size < 1024 * 1024 ? `${Math.round(size / 1024)} KB` : `${(size / 1024 / 1024).toFixed(1)} MB`;
}
