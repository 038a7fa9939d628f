import type { MessageAttachment } from '../contracts.js';
import { type Rest, unanswered } from '../connection/rest.js';
import { uploadWithProgress } from './upload.js';

export interface UploadOptions {
  /** Default: the file's own. */
  name?: string;
  /** Sent of the whole, from 0 to 1; only where the browser tells (not in Node). */
  progress?: (share: number) => void;
  signal?: AbortSignal;
}

/** Files beside messages: upload one to a channel, then send a message that carries it. */
export class Attachments {
  readonly #rest: Rest;

  constructor(rest: Rest) {
    this.#rest = rest;
  }

  /** Fails with `tooLarge`, `rateLimited` (scope `uploads`), `forbidden`, `unavailable`, or the `AbortError` of `signal`. */
  async upload(channel: string, file: Blob, { name = file instanceof File ? file.name : 'file', progress, signal }: UploadOptions = {}): Promise<MessageAttachment> {
    const query = { channel, name };
    const type = file.type || 'application/octet-stream';
    const uploaded = progress && typeof XMLHttpRequest !== 'undefined'
      ? await uploadWithProgress(this.#rest.url('attachments', query), { authorization: await this.#rest.authorization(), type, file, progress, signal })
      : await (await this.#rest.send('attachments', { method: 'POST', query, headers: { 'Content-Type': type }, body: file, signal })).json() as MessageAttachment;
    return { id: uploaded.id, name: uploaded.name, type: uploaded.type, size: uploaded.size };
  }

  /** The bytes, for `URL.createObjectURL` or a download. Trust neither its name nor its type: they are what the uploader said. */
  async download(id: string, signal?: AbortSignal): Promise<Blob> {
    const response = await this.#rest.send(`attachments/${encodeURIComponent(id)}`, { signal });
    try {
      return await response.blob();
    } catch (thrown) {
      throw unanswered(thrown);
    }
  }

  /** One's own, or as a moderator of its channel anybody's. */
  async remove(id: string): Promise<void> {
    await this.#rest.send(`attachments/${encodeURIComponent(id)}`, { method: 'DELETE' });
  }
}
