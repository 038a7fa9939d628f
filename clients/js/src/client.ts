import { Attachments } from './attachments/attachments.js';
import { Channel } from './channels/channel.js';
import { Outbox } from './channels/outbox.js';
import type { MessageDraft } from './channels/outgoing-message.js';
import { type Clock, systemClock } from './clock.js';
import { Connection, type ConnectionStatus } from './connection/connection.js';
import { Rest } from './connection/rest.js';
import { signalRTransport } from './connection/signalr-transport.js';
import { type TokenProvider, TokenSource } from './connection/token-source.js';
import type { TransportFactory } from './connection/transport.js';
import {
  type ChannelEvent, type FriendEvent, type HelloRequest, type HelloResult, type HubEvent, type HubMethods, isChannelEvent, isRoomEvent, type MediaKind,
  type ModeEvent, type PresenceEvent, type PresenceStatus, type UserActivity, type VideoCodec,
} from './contracts.js';
import { Emitter } from './emitter.js';
import { RealtimeError } from './errors.js';
import { Friends } from './people/friends.js';
import { KnownIceServers } from './rooms/known-ice-servers.js';
import type { SendOptions } from './rooms/local-track.js';
import { Room } from './rooms/room.js';
import { uuidv7 } from './uuid.js';

/** As many direct conversations as a session reads. */
const maxDirects = 100;

const isDirect = (channel: string) => channel.startsWith('dm:');

export interface ClientOptions {
  /** Told to the server in Hello, for its operators. */
  clientInfo?: Record<string, string>;
  /** False: the application itself says when the page goes away. Default true, in browsers. */
  leaveOnPageHide?: boolean;
  clock?: Clock;
  transport?: TransportFactory;
  createPeerConnection?: (configuration: RTCConfiguration) => RTCPeerConnection;
}

export interface JoinRoomOptions {
  publish?: { audio?: MediaStreamTrack | null; video?: MediaStreamTrack | null; codec?: VideoCodec };
  metadata?: unknown;
  /** Called before the first event of the room, with the room to listen to. */
  listen?: (room: Room) => void;
}

/** `send`: what the join will publish, with media that may come later; the rest as its video will be published with. */
export interface PrepareRoomOptions extends SendOptions { send?: readonly MediaKind[] }

interface ClientEvents {
  status: ConnectionStatus;
  /** Somebody writes in a direct or group conversation that this client has not heard of: listen to it now, its message follows. */
  direct: Channel;
  /** What works and what does not, when the servers run degraded; also after every connect. */
  mode: ModeEvent;
  /** How somebody appears whom we may see. */
  presence: PresenceEvent;
  /** How we stand with somebody has changed. */
  friend: FriendEvent;
}

/** A connection to Realtime with its channels and rooms. It reconnects for ever; what it lost meanwhile it catches up on. */
export class RealtimeClient extends Emitter<ClientEvents> {
  readonly attachments: Attachments;
  readonly friends: Friends;
  readonly #connection: Connection;
  readonly #outbox: Outbox;
  readonly #clock: Clock;
  readonly #clientInfo: Record<string, string> | undefined;
  readonly #createPeerConnection: (configuration: RTCConfiguration) => RTCPeerConnection;
  readonly #channels = new Map<string, Channel>();
  readonly #rooms = new Map<string, Room>();
  #prepared: Room | undefined;
  readonly #iceServers: KnownIceServers;
  readonly #stopListening: (() => void)[] = [];
  #welcome: HelloResult | undefined;
  #presence: { status: PresenceStatus; activity?: UserActivity | string } | undefined;
  #resumeToken: string | undefined;

  /**
   * Connects and resolves when the server has said welcome for the first time (or never will: then it fails).
   * @param url The hub, e.g. `https://realtime.example/hub`.
   */
  static async connect(url: string, token: TokenProvider, options: ClientOptions = {}): Promise<RealtimeClient> {
    const client = new RealtimeClient(url, token, options);
    await client.#connection.connected();
    return client;
  }

  /** Starts connecting; `status` tells how it goes. */
  constructor(url: string, token: TokenProvider, options: ClientOptions = {}) {
    super();
    const clock = (this.#clock = options.clock ?? systemClock);
    this.#iceServers = new KnownIceServers(clock);
    this.#clientInfo = options.clientInfo;
    this.#createPeerConnection = options.createPeerConnection ?? (configuration => new RTCPeerConnection(configuration));
    const tokens = new TokenSource(token, clock);
    this.#connection = new Connection({
      url,
      tokens,
      clock,
      transport: options.transport ?? signalRTransport,
      hello: () => this.#hello(),
      event: event => this.#handle(event),
    });
    const rest = new Rest(url, tokens);
    this.attachments = new Attachments(rest);
    this.friends = new Friends(this.#connection, rest);
    this.#outbox = new Outbox(
      clock,
      request => this.#connection.invoke('SendMessage', request),
      message => this.#channels.get(message.request.channel)?.emit('outgoing', message));
    this.#connection.on('welcome', welcome => this.#welcomed(welcome));
    this.#connection.on('status', status => this.#statusChanged(status));
    if (typeof window !== 'undefined') this.#listenToPage(options.leaveOnPageHide ?? true);
    void this.#connection.run();
  }

  get status(): ConnectionStatus {
    return this.#connection.status;
  }

  /** What the server said when it last welcomed us: mode, limits, session. */
  get welcome(): HelloResult | undefined {
    return this.#welcome;
  }

  get rooms(): Room[] {
    return [...this.#rooms.values()];
  }

  /** How this device says its user is; said again whenever a new session begins. Fails with `rateLimited` after the fifth within 30 s. */
  async setPresence(status: Exclude<PresenceStatus, 'offline'>, activity?: UserActivity | string): Promise<void> {
    this.#presence = { status, activity };
    await this.#connection.invoke('SetPresence', this.#presence);
  }

  /** The channel of that name, joined or not. */
  channel(name: string): Channel {
    let channel = this.#channels.get(name);
    if (!channel) this.#channels.set(name, (channel = new Channel(name, this.#connection, this.#outbox, this.#clock)));
    return channel;
  }

  /**
   * Writes to one to nine others. The same people always talk in the same channel, which nobody has to join: listen to `channel(result.channel)`, or to `direct`.
   * Without a connection, or with an error that says `retryable`, send it again with the same `clientMessageId`.
   */
  async sendDirect(to: string[], draft: string | MessageDraft, clientMessageId = uuidv7(this.#clock.now())): Promise<HubMethods['SendDirect']['result']> {
    return this.#connection.invoke('SendDirect', { ...(typeof draft === 'string' ? { text: draft } : draft), to, clientMessageId });
  }

  /**
   * Makes the peer connection and the offer for a room that is likely to be joined soon, so that the join itself is one question and one answer. Nobody is told.
   * One room at a time; resolves when all is ready.
   */
  async prepareRoom(name: string, { send = ['audio', 'video'], ...video }: PrepareRoomOptions = {}): Promise<void> {
    this.#prepared?.discard();
    const room = (this.#prepared = this.#room(name));
    await room.prepare(send, video);
  }

  /** Joins a call, as soon as there is a connection. One presence per room and client. */
  async joinRoom(name: string, options: JoinRoomOptions = {}): Promise<Room> {
    if (this.#rooms.has(name)) throw new RealtimeError({ code: 'conflict', message: `Already in the room ${name}.` });
    const prepared = this.#prepared?.name === name ? this.#prepared : undefined;
    if (prepared) this.#prepared = undefined;
    const room = prepared ?? this.#room(name);
    room.metadata = options.metadata;
    this.#rooms.set(name, room);
    room.on('state', ({ state }) => {
      if (state === 'left' || state === 'failed') this.#rooms.delete(name);
    });
    options.listen?.(room);
    const { audio, video, codec } = options.publish ?? {};
    if (audio !== undefined) room.publish('audio', audio);
    if (video !== undefined) room.publish('video', video, codec ? { codec } : {});
    await room.enter();
    return room;
  }

  /** Try to reconnect now instead of when the backoff says. */
  reconnectNow(): void {
    this.#connection.wake();
  }

  /** Leaves every room and closes. Messages that wait to be sent fail with `unavailable`. */
  async close(): Promise<void> {
    for (const stop of this.#stopListening) stop();
    this.#prepared?.discard();
    await Promise.all(this.rooms.map(room => room.abandon()));
    await this.#connection.close();
  }

  #room(name: string): Room {
    return new Room(name, { clock: this.#clock, connection: this.#connection, iceServers: this.#iceServers, createPeerConnection: this.#createPeerConnection });
  }

  #hello(): HelloRequest {
    const known = [...this.#channels.values()].flatMap(({ name, position }) =>
      position ? [{ channel: name, seq: position.seq, epoch: position.epoch }] : []);
    // Of conversations the newest do: the server brings the others with their next message.
    const positions = [...known.filter(({ channel }) => !isDirect(channel)), ...known.filter(({ channel }) => isDirect(channel)).slice(-maxDirects)];
    return { resume: this.#resumeToken, positions, clientInfo: this.#clientInfo };
  }

  #welcomed(welcome: HelloResult): void {
    const reconnected = this.#welcome !== undefined;
    const anew = this.#welcome?.session !== welcome.session;
    this.#welcome = welcome;
    this.#resumeToken = welcome.resumeToken;
    if (welcome.iceServers) this.#iceServers.learn(welcome.iceServers);
    if (reconnected) {
      for (const channel of this.#channels.values()) {
        channel.reconnected(welcome.resumed.find(resumed => resumed.channel === channel.name));
      }
      for (const room of this.#rooms.values()) room.reconnected(welcome);
    }
    if (anew && this.#presence) {
      this.#connection.invoke('SetPresence', this.#presence).catch(() => undefined); // It is said again with the next session, or by the application.
    }
    this.#outbox.wake();
    this.emit('mode', { mode: welcome.mode, since: welcome.serverTime, works: [], refused: [] });
  }

  #statusChanged(status: ConnectionStatus): void {
    if (status.error?.field === 'resume') this.#resumeToken = undefined; // Too old: come as a new session.
    if (status.state === 'closed') {
      this.#outbox.abandon(status.error ?? new RealtimeError({ code: 'unavailable', message: 'The connection is closed.' }));
    }
    this.emit('status', status);
  }

  #handle(event: HubEvent): void {
    if (isChannelEvent(event)) this.#handleChannel(event);
    else if (isRoomEvent(event)) this.#rooms.get(event.payload.room)?.handle(event);
    else if (event.name === 'mode') this.emit('mode', event.payload);
    else if (event.name === 'presence') this.emit('presence', event.payload);
    else if (event.name === 'friend') this.emit('friend', event.payload);
    else if (event.name === 'accessLost') {
      if (event.payload.channel) this.#channels.get(event.payload.channel)?.accessLost();
      if (event.payload.room) this.#rooms.get(event.payload.room)?.accessLost();
    }
  }

  #handleChannel(event: ChannelEvent): void {
    const { channel: name } = event.payload;
    if (isDirect(name) && event.name === 'messageCreated') {
      const channel = this.channel(name);
      if (channel.follow(event.payload)) this.emit('direct', channel);
    }
    const channel = this.#channels.get(name);
    channel?.handle(event);
    if (event.name === 'moderated' && event.payload.user === this.#welcome?.user && ['kick', 'ban'].includes(event.payload.action)) channel?.putOut(event.payload);
  }

  #listenToPage(leaveOnPageHide: boolean): void {
    const listen = (event: string, work: () => void) => {
      window.addEventListener(event, work);
      this.#stopListening.push(() => window.removeEventListener(event, work));
    };
    listen('online', () => this.reconnectNow());
    // A closed tab must be gone at once, not when its lease ends.
    if (leaveOnPageHide) listen('pagehide', () => void this.close());
  }
}
