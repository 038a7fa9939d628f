import { type Clock, within } from '../clock.js';
import type { ClosingEvent, HelloRequest, HelloResult, HubEvent, HubMethod, HubMethods } from '../contracts.js';
import { Emitter } from '../emitter.js';
import { RealtimeError } from '../errors.js';
import { Backoff } from './backoff.js';
import { TokenRenewal } from './token-renewal.js';
import type { TokenSource } from './token-source.js';
import type { HubTransport, TransportFactory } from './transport.js';

export type ConnectionState = 'connecting' | 'connected' | 'reconnecting' | 'closed';

export interface ConnectionStatus {
  state: ConnectionState;
  /** Why it is not connected, when that is known. */
  error?: RealtimeError;
  /** When the next attempt starts, from now. */
  retryInMs?: number;
  /** Why the server closed, as it said itself. */
  closing?: ClosingEvent;
}

interface ConnectionEvents {
  status: ConnectionStatus;
  /** Hello has been answered; calls are possible. */
  welcome: HelloResult;
}

export interface ConnectionOptions {
  url: string;
  tokens: TokenSource;
  clock: Clock;
  transport: TransportFactory;
  /** What to say in the next Hello. */
  hello: () => HelloRequest;
  /** Hears every hub event, in the order of arrival. */
  event: (event: HubEvent) => void;
}

/** One logical connection: connects, says Hello, and after every loss does so again, for ever, until told not to. */
export class Connection extends Emitter<ConnectionEvents> {
  static readonly callTimeoutMs = 10_000;

  readonly #options: ConnectionOptions;
  readonly #backoff: Backoff;
  readonly #renewal: TokenRenewal;
  #transport: HubTransport | undefined;
  #live: HubTransport | undefined;
  #status: ConnectionStatus = { state: 'connecting' };
  #ended = false;
  #wake: (() => void) | undefined;
  #unreachable = 0;

  constructor(options: ConnectionOptions) {
    super();
    this.#options = options;
    this.#backoff = new Backoff(options.clock);
    this.#renewal = new TokenRenewal(options.clock, options.tokens, token => this.invoke('RefreshToken', { token }));
  }

  get status(): ConnectionStatus {
    return this.#status;
  }

  /** Runs until closed for good. */
  async run(): Promise<void> {
    while (!this.#ended) {
      const end = await this.#attempt();
      if (this.#ended) break;
      const { closing, error } = end;
      if (closing && !closing.reconnect && closing.afterMs <= 0) return this.#close({ state: 'closed', error, closing });
      if (error?.code === 'unauthenticated' && !this.#options.tokens.renewable) return this.#close({ state: 'closed', error, closing });
      if (error?.code === 'forbidden') return this.#close({ state: 'closed', error, closing });
      const delay = this.#backoff.next(Math.max(closing?.afterMs ?? 0, error?.retryAfterMs ?? 0));
      this.#set({ state: 'reconnecting', error, closing, retryInMs: delay });
      await this.#pause(delay);
    }
  }

  /** Fails with `unavailable` at once when not connected: nothing was sent. */
  async invoke<M extends HubMethod>(method: M, request: HubMethods[M]['request']): Promise<HubMethods[M]['result']> {
    const transport = this.#live;
    if (!transport) throw new RealtimeError({ code: 'unavailable', message: 'Not connected.' });
    return this.#call(transport, method, request);
  }

  /** Without an answer, and without a word when not connected: for farewells. */
  async send<M extends HubMethod>(method: M, request: HubMethods[M]['request']): Promise<void> {
    await this.#live?.send(method, request);
  }

  /** Resolves once connected; fails when the connection is closed for good. */
  connected(): Promise<void> {
    if (this.#live) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const check = ({ state, error }: ConnectionStatus) => {
        if (state === 'connected') resolve();
        else if (state === 'closed') reject(error ?? new RealtimeError({ code: 'unavailable', message: 'The connection is closed.' }));
        else return;
        off();
      };
      const off = this.on('status', check);
      check(this.#status);
    });
  }

  /** The network is back, or somebody is impatient: try now. */
  wake(): void {
    this.#wake?.();
  }

  async close(): Promise<void> {
    this.#close({ state: 'closed' });
    await this.#transport?.stop();
  }

  #close(status: ConnectionStatus): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#live = undefined;
    this.#wake?.();
    this.#set(status);
  }

  /** One transport's life: returns when it has ended, saying why. */
  async #attempt(): Promise<{ closing?: ClosingEvent; error?: RealtimeError }> {
    const { url, tokens, clock } = this.#options;
    let closing: ClosingEvent | undefined;
    let transport: HubTransport | undefined;
    let reached = false;
    try {
      const token = await within(clock, Connection.callTimeoutMs, 'The token provider', tokens.get());
      if (this.#ended) return {};
      let ended!: (error?: Error) => void;
      const closed = new Promise<Error | undefined>(resolve => (ended = resolve));
      const current = transport = this.#transport = this.#options.transport(url, token, {
        event: event => {
          if (this.#transport !== current) return;
          if (event.name === 'closing') closing = event.payload;
          this.#options.event(event);
        },
        closed: ended,
      });
      await within(clock, Connection.callTimeoutMs, 'The server', transport.start());
      reached = true;
      this.#unreachable = 0;
      const welcome = await this.#call(transport, 'Hello', this.#options.hello());
      if (this.#ended) return {};
      this.#live = transport;
      this.#backoff.succeeded();
      this.emit('welcome', welcome);
      this.#set({ state: 'connected' });
      this.#renewal.start(token);
      const error = await closed;
      return { closing, error: error && RealtimeError.from(error) };
    } catch (thrown) {
      const error = RealtimeError.from(thrown);
      // A refused upgrade looks like an unreachable server in a browser: after two of them the token may be the reason.
      if (error.code === 'unauthenticated' || (!reached && ++this.#unreachable % 2 === 0)) {
        if (tokens.renewable || error.code === 'unauthenticated') tokens.refuse();
      }
      return { closing, error };
    } finally {
      this.#live = undefined;
      this.#renewal.stop();
      void transport?.stop();
    }
  }

  async #call<M extends HubMethod>(transport: HubTransport, method: M, request: HubMethods[M]['request']): Promise<HubMethods[M]['result']> {
    try {
      return await within(this.#options.clock, Connection.callTimeoutMs, method, transport.invoke(method, request));
    } catch (thrown) {
      throw RealtimeError.from(thrown);
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise(resolve => {
      const done = () => {
        cancel();
        this.#wake = undefined;
        resolve();
      };
      const cancel = this.#options.clock.after(ms, done);
      this.#wake = done;
      if (this.#ended) done();
    });
  }

  #set(status: ConnectionStatus): void {
    this.#status = status;
    this.emit('status', status);
  }
}
