import type { Clock } from '../clock.js';
import { Backoff } from '../connection/backoff.js';
import type { Message, SendMessageRequest, SendMessageResult } from '../contracts.js';
import { RealtimeError } from '../errors.js';
import { PersistentTask } from '../persistent-task.js';
import { uuidv7 } from '../uuid.js';
import { type MessageDraft, OutgoingMessage } from './outgoing-message.js';

/**
 * Keeps messages until the server has stored them, and sends them again, with the same id, after whatever went wrong. One at
 * a time per channel, so that they are stored in the order in which they were written.
 * At most 500 wait; one more is refused with `unavailable` (field `outbox`) and not kept.
 */
export class Outbox {
  static readonly capacity = 500;

  readonly #clock: Clock;
  readonly #post: (request: SendMessageRequest) => Promise<SendMessageResult>;
  readonly #changed: (message: OutgoingMessage) => void;
  readonly #queues = new Map<string, Queue>();
  #size = 0;

  constructor(
    clock: Clock,
    post: (request: SendMessageRequest) => Promise<SendMessageResult>,
    changed: (message: OutgoingMessage) => void) {
    this.#clock = clock;
    this.#post = post;
    this.#changed = changed;
  }

  get size(): number {
    return this.#size;
  }

  add(channel: string, draft: MessageDraft): OutgoingMessage {
    if (this.#size >= Outbox.capacity) {
      throw new RealtimeError({
        code: 'unavailable',
        field: 'outbox',
        message: `${Outbox.capacity} messages are waiting to be sent already.`,
      });
    }
    const message = new OutgoingMessage({ ...draft, channel, clientMessageId: uuidv7(this.#clock.now()) });
    let queue = this.#queues.get(channel);
    if (!queue) this.#queues.set(channel, (queue = new Queue(this.#clock)));
    queue.messages.push(message);
    this.#size++;
    void this.#work(channel, queue);
    return message;
  }

  /** The connection is back: whoever waits for a retry goes first. */
  wake(): void {
    for (const [channel, queue] of this.#queues) {
      queue.cancelRetry?.();
      queue.cancelRetry = undefined;
      void this.#work(channel, queue);
    }
  }

  /** The channel's own event proves that it is stored, whatever became of the answer. */
  confirm({ channel, clientMessageId, id, seq, createdAt }: Message): void {
    const message = this.#queues.get(channel)?.messages.find(m => m.clientMessageId === clientMessageId);
    if (message?.state !== 'sending') return;
    message.storedAs({ id, seq, createdAt, duplicate: false, level: 'stored' });
    this.#changed(message);
  }

  /** Nothing will be sent any more: what waits has failed. */
  abandon(error: RealtimeError): void {
    for (const queue of this.#queues.values()) {
      queue.cancelRetry?.();
      for (const message of queue.messages) {
        if (message.state !== 'sending') continue;
        message.refused(error);
        this.#changed(message);
      }
    }
    this.#queues.clear();
    this.#size = 0;
  }

  async #work(channel: string, queue: Queue): Promise<void> {
    if (queue.busy || queue.cancelRetry) return;
    queue.busy = true;
    try {
      for (let head = queue.messages[0]; head; head = queue.messages[0]) {
        if (head.state === 'sending' && !(await this.#trySend(channel, queue, head))) return;
        if (queue.messages[0] !== head) return; // Abandoned meanwhile.
        queue.messages.shift();
        queue.faults = 0;
        queue.backoff.reset();
        this.#size--;
      }
      this.#queues.delete(channel);
    } finally {
      queue.busy = false;
    }
  }

  /** True when the message has settled; false when a retry is planned. */
  async #trySend(channel: string, queue: Queue, message: OutgoingMessage): Promise<boolean> {
    try {
      const result = await this.#post(message.request);
      if (message.state === 'sending') {
        message.storedAs(result);
        this.#changed(message);
      }
      return true;
    } catch (thrown) {
      const error = RealtimeError.from(thrown);
      if (message.state !== 'sending') return true;
      const again = error.retryable || (error.code === 'internal' && ++queue.faults <= PersistentTask.maxFaults);
      if (!again) {
        message.refused(error);
        this.#changed(message);
        return true;
      }
      message.delayed(error);
      this.#changed(message);
      queue.cancelRetry = this.#clock.after(queue.backoff.next(error.retryAfterMs ?? 0), () => {
        queue.cancelRetry = undefined;
        void this.#work(channel, queue);
      });
      return false;
    }
  }
}

class Queue {
  readonly messages: OutgoingMessage[] = [];
  readonly backoff: Backoff;
  busy = false;
  faults = 0;
  cancelRetry: (() => void) | undefined;

  constructor(clock: Clock) {
    this.backoff = new Backoff(clock);
  }
}
