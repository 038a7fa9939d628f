import type { HubEvent, HubMethod, HubMethods } from '../contracts.js';

/** One WebSocket to the hub, used once: when it has closed, a new one is made. */
export interface HubTransport {
  start(): Promise<void>;
  /** Never fails; a second call does nothing. */
  stop(): Promise<void>;
  invoke<M extends HubMethod>(method: M, request: HubMethods[M]['request']): Promise<HubMethods[M]['result']>;
  /** Resolves when it was handed to the socket; never fails, nobody waits for an answer. */
  send<M extends HubMethod>(method: M, request: HubMethods[M]['request']): Promise<void>;
}

/** Whom a transport tells what it hears. */
export interface TransportListener {
  event(event: HubEvent): void;
  closed(error?: Error): void;
}

export type TransportFactory = (url: string, token: string, listener: TransportListener) => HubTransport;
