import { type Attachments, type MessageAttachment, RealtimeError } from '@realtime/client';
import { bytes } from './attachment-card';
import { announce, element, icon, make } from './dom';
import { explain } from './words';

/** As many as a message may carry. */
const most = 10;

const mostBytes = 100 * 1024 * 1024;

interface Upload { file: File; row: HTMLElement; note: HTMLElement; abort: AbortController; done?: MessageAttachment }

/** Files on their way to the next message. */
export class Uploads {
  readonly #list = element('uploads');
  readonly #changed: () => void;
  #uploads: Upload[] = [];
  #files: { attachments: Attachments; channel: string } | undefined;

  constructor(changed: () => void) {
    this.#changed = changed;
    const input = element<HTMLInputElement>('chat-file');
    element('chat-attach').addEventListener('click', () => input.click());
    input.addEventListener('change', () => {
      this.add(input.files);
      input.value = '';
    });
  }

  enter(attachments: Attachments, channel: string): void {
    this.#files = { attachments, channel };
  }

  leave(): void {
    for (const upload of [...this.#uploads]) this.#remove(upload);
    this.#files = undefined;
  }

  get isEmpty(): boolean {
    return this.#uploads.length === 0;
  }

  get isBusy(): boolean {
    return this.#uploads.some(upload => !upload.done);
  }

  /** What goes with the message that is sent now. */
  take(): MessageAttachment[] {
    const taken = this.#uploads.flatMap(upload => upload.done ? [upload.done] : []);
    for (const upload of this.#uploads) upload.row.remove();
    this.#uploads = [];
    return taken;
  }

  add(files: FileList | null | undefined): void {
    for (const file of files ?? []) {
      if (this.#uploads.length >= most) return announce(`A message carries at most ${most} files`);
      void this.#upload(file);
    }
  }

  async #upload(file: File): Promise<void> {
    if (!this.#files) return;
    const { attachments, channel } = this.#files;
    const row = make('li', 'upload');
    const note = make('span', 'soft', 'Sending…');
    const cancel = make('button', 'icon-only');
    const upload: Upload = { file, row, note, abort: new AbortController() };
    cancel.type = 'button';
    cancel.ariaLabel = `Do not send ${file.name}`;
    cancel.append(icon('close'));
    cancel.addEventListener('click', () => this.#remove(upload));
    row.dataset.testid = 'upload';
    row.append(icon('file'), make('span', 'file-name', file.name), note, cancel);
    this.#uploads.push(upload);
    this.#list.append(row);
    this.#changed();
    try {
      if (file.size === 0) throw new RealtimeError({ code: 'invalid', message: 'It is empty' });
      if (file.size > mostBytes) throw new RealtimeError({ code: 'tooLarge', message: `Files have at most ${bytes(mostBytes)}` });
      upload.done = await attachments.upload(channel, file, {
        signal: upload.abort.signal,
        progress: share => (note.textContent = `${Math.floor(share * 100)} %`),
      });
      note.textContent = bytes(file.size);
      row.dataset.state = 'done';
    } catch (thrown) {
      if (upload.abort.signal.aborted) return;
      row.dataset.state = 'failed';
      note.textContent = explain(RealtimeError.from(thrown));
      announce(`${file.name} was not sent. ${note.textContent}`);
      // It does not hold up the message.
      this.#uploads = this.#uploads.filter(one => one !== upload);
    } finally {
      this.#changed();
    }
  }

  #remove(upload: Upload): void {
    upload.abort.abort();
    upload.row.remove();
    this.#uploads = this.#uploads.filter(one => one !== upload);
    if (upload.done) this.#files?.attachments.remove(upload.done.id).catch(() => undefined); // It goes by itself after a day.
    this.#changed();
  }
}
