import type { SendMessageRequest, SendMessageResult } from '../contracts.js';
import type { RealtimeError } from '../errors.js';

export type OutgoingState = 'sending' | 'stored' | 'failed';

export type MessageDraft = Omit<SendMessageRequest, 'channel' | 'clientMessageId'>;

/** A message of our own on its way: sending → stored, or failed with the error that refused it. */
export class OutgoingMessage {
  readonly request: SendMessageRequest;
  /** Resolves when the message is stored or has failed; never rejects. */
  readonly settled: Promise<void>;
  #state: OutgoingState = 'sending';
  #error: RealtimeError | undefined;
  #result: SendMessageResult | undefined;
  #settle!: () => void;

  constructor(request: SendMessageRequest) {
    this.request = request;
    this.settled = new Promise(resolve => (this.#settle = resolve));
  }

  get clientMessageId(): string {
    return this.request.clientMessageId;
  }

  get state(): OutgoingState {
    return this.#state;
  }

  get error(): RealtimeError | undefined {
    return this.#error;
  }

  get result(): SendMessageResult | undefined {
    return this.#result;
  }

  /** @internal */
  storedAs(result: SendMessageResult): void {
    this.#state = 'stored';
    this.#result = result;
    this.#error = undefined;
    this.#settle();
  }

  /** @internal */
  refused(error: RealtimeError): void {
    this.#state = 'failed';
    this.#error = error;
    this.#settle();
  }

  /** @internal Still on its way; `error` says what holds it up. */
  delayed(error: RealtimeError): void {
    this.#error = error;
  }
}
