import type { HelloResult, HubEvent, HubMethod, HubMethods } from '../../src/contracts.js';
import type { HubTransport, TransportFactory, TransportListener } from '../../src/connection/transport.js';

type Handlers = { [M in HubMethod]?: (request: HubMethods[M]['request']) => HubMethods[M]['result'] | Promise<HubMethods[M]['result']> };

export interface Call { method: HubMethod; request: unknown; socket: number }

/** The server's side of the hub: answers by its handlers, records what was called on which socket. */
export class FakeHub {
  readonly calls: Call[] = [];
  readonly handlers: Handlers = {};
  reachable = true;
  sockets = 0;
  stopped = 0;
  tokens: string[] = [];
  #listener: TransportListener | undefined;

  readonly transport: TransportFactory = (_url, token, listener) => {
    const socket = ++this.sockets;
    this.tokens.push(token);
    const answer = async (method: HubMethod, request: unknown): Promise<never> => {
      if (this.#listener !== listener) throw new Error('Invocation canceled due to the underlying connection being closed.');
      this.calls.push({ method, request, socket });
      const handler = this.handlers[method] as ((request: unknown) => unknown) | undefined;
      const lost = new Promise<never>((_, reject) => this.#lost.add(reject));
      return await Promise.race([handler ? handler(request) : defaults[method](request as never), lost]) as never;
    };
    const transport: HubTransport = {
      start: async () => {
        if (!this.reachable) throw new Error('WebSocket failed to connect.');
        this.#listener = listener;
      },
      stop: async () => {
        this.stopped++;
        if (this.#listener === listener) this.#listener = undefined;
      },
      invoke: (method, request) => answer(method, request),
      send: async (method, request) => void (await answer(method, request)),
    };
    return transport;
  };

  readonly #lost = new Set<(error: Error) => void>();

  get connected(): boolean {
    return this.#listener !== undefined;
  }

  say(event: HubEvent): void {
    this.#listener?.event(event);
  }

  /** The socket breaks: whatever was asked stays without an answer. */
  drop(): void {
    const listener = this.#listener;
    this.#listener = undefined;
    for (const reject of this.#lost) reject(new Error('Invocation canceled due to the underlying connection being closed.'));
    this.#lost.clear();
    listener?.closed();
  }

  requests<M extends HubMethod>(method: M): HubMethods[M]['request'][] {
    return this.calls.filter(call => call.method === method).map(call => call.request as HubMethods[M]['request']);
  }
}

export function welcome(more: Partial<HelloResult> = {}): HelloResult {
  return { session: 's', resumeToken: 'r1', serverTime: '2026-01-01T00:00:00Z', mode: 'normal', limits: {}, resumed: [], iceServers: [], ...more };
}

/** As the hub throws it: SignalR's sentence around the JSON. */
export function hubError(code: string, more: object = {}): Error {
  return new Error(`An unexpected error occurred invoking 'X' on the server. HubException: ${JSON.stringify({ code, message: code, ...more })}`);
}

const done = () => ({ ok: true });

const friend = ({ user }: { user: string }) => ({ user, name: user, state: 'friends', since: '2026-01-01T00:00:00Z' });

const defaults: Record<HubMethod, (request: never) => unknown> = {
  Hello: () => welcome(),
  JoinChannel: ({ channel }: { channel: string }) => ({ channel, seq: 0, epoch: 1, members: [], history: [] }),
  LeaveChannel: ({ channel }: { channel: string }) => ({ channel }),
  SendMessage: () => ({ id: 'm', seq: 1, createdAt: '2026-01-01T00:00:00Z', duplicate: false, level: 'stored' }),
  EditMessage: () => ({ seq: 1 }),
  DeleteMessage: () => ({ seq: 1 }),
  SendDirect: () => ({ channel: 'dm', id: 'm', seq: 1, createdAt: '2026-01-01T00:00:00Z', duplicate: false, level: 'stored' }),
  MarkRead: done,
  Typing: done,
  SetPresence: done,
  RequestFriend: friend,
  AnswerFriend: friend,
  RemoveFriend: friend,
  Kick: done,
  Ban: done,
  Unban: done,
  TimeOut: done,
  RefreshToken: () => ({ expires: '2027-01-01T00:00:00Z' }),
  History: () => [],
  JoinRoom: ({ room }: { room: string }) => ({ room, epoch: 1, participant: 'me', iceServers: [], participants: [], tracks: [], sdp: 'answer' }),
  LeaveRoom: () => ({ ok: true }),
  Negotiate: () => ({ sdp: 'answer' }),
  SetView: () => ({ ok: true }),
  SetRoom: done,
  MuteTrack: done,
  KickParticipant: done,
  CloseRoom: done,
  ReportTransport: done,
  SetParticipant: () => ({ ok: true }),
  Subscribe: () => ({ ok: true }),
  SetTrack: () => ({ ok: true }),
};

