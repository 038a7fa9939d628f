import type { MessageAttachment } from '../contracts.js';
import { refusal, unanswered } from '../connection/rest.js';

export interface ProgressUpload { authorization: string; type: string; file: Blob; progress: (share: number) => void; signal?: AbortSignal }

/** As `fetch` would, which tells nothing of what is sent already. */
export function uploadWithProgress(url: URL, { authorization, type, file, progress, signal }: ProgressUpload): Promise<MessageAttachment> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    const failed = () => reject(unanswered(undefined));
    request.open('POST', url);
    request.setRequestHeader('Authorization', authorization);
    request.setRequestHeader('Content-Type', type);
    request.upload.addEventListener('progress', ({ loaded, total }) => progress(total > 0 ? loaded / total : 0));
    request.addEventListener('error', failed);
    request.addEventListener('abort', () => reject(signal?.reason ?? new DOMException('The upload was ended.', 'AbortError')));
    request.addEventListener('loadend', () => signal?.removeEventListener('abort', abort));
    request.addEventListener('load', () => {
      if (request.status < 200 || request.status > 299) return reject(refusal(request.status, request.responseText));
      try {
        resolve(JSON.parse(request.responseText) as MessageAttachment);
      } catch {
        failed(); // Not the API's answer: something in between spoke.
      }
    });
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted) abort();
    request.send(file);
  });
}
