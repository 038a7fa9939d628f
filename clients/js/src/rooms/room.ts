import type { HelloResult, JoinRoomResult, MediaKind, ParticipantLeftEvent, RoomEvent } from '../contracts.js';
import { Emitter } from '../emitter.js';
import { RealtimeError } from '../errors.js';
import { PersistentTask } from '../persistent-task.js';
import { EarlyEvents } from './early-events.js';
import { leaveIfThere, linkTo, othersTracks } from './link-to.js';
import { LocalTrack, type LocalTrackOwner, type SendOptions } from './local-track.js';
import { Others } from './others.js';
import { OwnPresence, type RoomView } from './own-presence.js';
import { OwnTracks } from './own-tracks.js';
import { comeBackAfter, type PublishOptions, type RoomClientEvents, type RoomEnvironment, type RoomState } from './room-events.js';
import { RoomLink } from './room-link.js';
import { RoomModeration } from './room-moderation.js';
import { RoomNews } from './room-news.js';
import { Roster } from './roster.js';
import { type RemoteTrack, Stage } from './stage.js';
import { Views } from './views.js';

/** A call: who is in it, what they publish, what we publish. Outlives peer connections, moves and signaling connections. */
export class Room extends Emitter<RoomClientEvents> implements LocalTrackOwner {
  readonly name: string;
  readonly roster = new Roster();
  readonly views: Views;
  readonly moderation: RoomModeration;
  readonly #environment: RoomEnvironment;
  readonly #own: OwnTracks;
  readonly #others: Others;
  readonly #presence: OwnPresence;
  readonly #news: RoomNews;
  readonly #stage: Stage;
  readonly #join: PersistentTask;
  /** Made, but not in the room yet. */
  #coming: RoomLink | undefined;
  #preparing: Promise<void> | undefined;
  readonly #early = new EarlyEvents(() => this.#join.request());
  #leaveFirst = false;
  #state: RoomState = 'joining';

  /** @internal */
  constructor(name: string, environment: RoomEnvironment) {
    super();
    this.name = name;
    this.#environment = environment;
    const { clock, connection } = environment;
    this.#own = new OwnTracks(clock, (track, muted) => connection.invoke('SetTrack', { track, muted, room: name }));
    this.#presence = new OwnPresence(name, clock, connection);
    this.moderation = new RoomModeration(name, connection);
    this.#news = new RoomNews(this, this.roster, this.#own);
    this.views = new Views(clock, tracks => connection.invoke('Subscribe', { room: this.name, tracks }));
    this.on('trackEnded', track => this.views.forget(track.id));
    this.#join = new PersistentTask(clock, () => this.#joinNow(), error => this.#fail(error));
    this.#others = new Others(this, this.roster, clock, participant => this.#stage.links.forEach(link => link.release(participant)));
    this.#stage = new Stage(clock, {
      sourceOf: track => this.roster.track(track)?.source,
      started: track => this.emit('trackStarted', track),
      ended: track => this.emit('trackEnded', track),
      succeeded: (track, by) => this.views.succeed(track.id, by),
      linkChanged: link => {
        if (!this.#ended && link.state !== 'closed') this.#set(link.state);
      },
    });
  }

  get state(): RoomState {
    return this.#state;
  }

  get participant(): string | undefined {
    return this.#stage.latest?.participant;
  }

  get epoch(): number | undefined {
    return this.#stage.latest?.epoch;
  }

  get localTracks(): readonly LocalTrack[] {
    return this.#own.all;
  }

  get remoteTracks(): RemoteTrack[] {
    return this.#stage.playing;
  }

  /** The newest peer connection, for getStats. */
  get peerConnection(): RTCPeerConnection | undefined {
    return this.#stage.latest?.pc;
  }

  /** Sends a track, now or with the next join. `media` may be null: a device that comes later. */
  publish(kind: MediaKind, media: MediaStreamTrack | null, options: PublishOptions = {}): LocalTrack {
    const source = options.source ?? (kind === 'audio' ? 'microphone' : 'camera');
    const track = new LocalTrack(this, kind, source, media, options.muted ?? false, { simulcast: source === 'camera', ...options });
    this.#own.add(track);
    for (const link of this.#stage.links) {
      link.publish(track);
      link.negotiate();
    }
    this.#coming?.publish(track);
    return track;
  }

  /** Ends one of our tracks: the others hear that it is gone. The media is not stopped: it is the caller's. */
  unpublish(track: LocalTrack): void {
    if (!this.#own.remove(track)) return;
    for (const link of this.#stage.links) if (link.unpublish(track)) link.negotiate();
    this.#coming?.unpublish(track);
  }

  /** What everybody knows of us, at most 4 KB as JSON; kept through reconnects and moves. A participant has it as `metadata`. */
  setMetadata(metadata: unknown): Promise<void> {
    return this.#presence.setMetadata(metadata);
  }

  /** What we want to see of the others; told until the server knows, and again after every reconnect. */
  setView(view: RoomView): void {
    this.#presence.setView(view);
  }

  async leave(): Promise<void> {
    if (this.#ended) return;
    this.#end('left');
    await this.#environment.connection.invoke('LeaveRoom', { room: this.name });
  }

  /** @internal Our token does not grant the call any more: the server has taken us out, and does not let us in again. */
  accessLost(): void {
    this.#fail(new RealtimeError({ code: 'forbidden', message: 'You may no longer be in this call.', field: 'room' }));
  }

  /** @internal Told to the others with the join. */
  set metadata(metadata: unknown) {
    this.#presence.metadata = metadata;
  }

  /** @internal Makes the peer connection and its offer for a join that may come, as the last step before it. */
  prepare(kinds: readonly MediaKind[], video: SendOptions): Promise<void> {
    const link = (this.#coming = this.#newLink());
    link.addSendingSections(kinds, video);
    return (this.#preparing = this.#environment.connection.connected().then(() => link.prepareOffer()));
  }

  /** @internal Prepared, but nobody came. */
  discard(): void {
    this.#end('left');
  }

  /** @internal The first join: fails when the server refuses. The peer connection is prepared while signaling still connects. */
  async enter(): Promise<void> {
    try {
      await this.#preparing;
      this.#coming ??= this.#newLink();
      const { connection } = this.#environment;
      if (connection.status.state !== 'connected') await Promise.all([this.#coming.prepare(), connection.connected()]);
      await this.#joinNow();
    } catch (thrown) {
      const error = RealtimeError.from(thrown);
      this.#fail(error);
      throw error;
    }
  }

  /** @internal The page goes away: no answer will be heard. */
  async abandon(): Promise<void> {
    if (this.#ended) return;
    this.#end('left');
    await this.#environment.connection.send('LeaveRoom', { room: this.name });
  }

  /** @internal A new signaling connection; media went on meanwhile, and the server tells again what is. */
  reconnected(welcome: HelloResult): void {
    if (this.#ended) return;
    const latest = this.#stage.latest;
    if (latest && welcome.rooms?.includes(this.name)) {
      latest.signalingReturned();
      this.#own.signalingReturned();
      this.#join.wake();
    } else {
      this.#join.requestNow();
    }
  }

  /** @internal */
  handle(event: RoomEvent): void {
    if (this.#ended || this.#early.hold(event)) return;
    const link = this.#stage.latest;
    if (!link || event.payload.epoch < link.epoch) return;
    if (event.payload.epoch > link.epoch) {
      if (event.name !== 'moved') return this.#join.request();
      if (event.payload.lost) link.rest();
      return this.#join.requestNow();
    }
    if (event.name === 'participantLeft') this.#participantLeft(link, event.payload);
    else this.#news.take(link, event);
  }

  /** @internal */
  muteChanged(): void {
    this.#own.muteChanged();
    this.emit('changed', this.roster);
  }

  /** @internal */
  async mediaReplaced(track: LocalTrack): Promise<void> {
    for (const link of [...this.#stage.links, this.#coming]) await link?.replace(track);
    this.emit('changed', this.roster);
  }

  get #ended(): boolean {
    return this.#state === 'left' || this.#state === 'failed';
  }

  async #joinNow(): Promise<void> {
    if (this.#ended) return;
    const { connection, iceServers } = this.#environment;
    if (this.#leaveFirst) {
      await leaveIfThere(connection, this.name);
      this.#leaveFirst = false;
    }
    let link = this.#coming;
    try {
      // From here on: what is told of the room's new place while the offer is made is no reason to join there once more.
      this.#early.begin();
      link ??= this.#coming = this.#newLink();
      const offer = await link.offer();
      const joined = await connection.invoke('JoinRoom', { room: this.name, metadata: this.#presence.metadata, ...offer });
      iceServers.learn(joined.iceServers);
      this.#coming = undefined;
      if (this.#ended) link.close();
      else this.#adopt(link, joined);
    } catch (thrown) {
      this.#coming = undefined;
      link?.close();
      throw thrown;
    } finally {
      for (const event of this.#early.end()) this.handle(event);
    }
  }

  #newLink(): RoomLink {
    const link = linkTo(this.name, this.#environment, {
      changed: changed => this.#stage.linkChanged(changed),
      started: (on, binding) => this.#stage.started(on, binding),
      ended: (on, binding) => this.#stage.ended(on, binding),
      lost: (on, error) => this.#linkLost(on, error),
    });
    this.#own.publishOn(link);
    link.follow(this.#stage.latest);
    return link;
  }

  #adopt(link: RoomLink, joined: JoinRoomResult): void {
    link.joined(joined);
    this.#own.forget();
    const moved = this.#stage.enter(link);
    this.#presence.joined();
    this.views.repeat();
    if (this.#own.publishOn(link)) link.negotiate();
    link.needSections(othersTracks(joined));
    this.#others.replace(joined, moved);
    if (joined.settings) this.emit('settings', joined.settings);
    if (this.#stage.links.length === 1) this.#set('connecting');
  }

  #participantLeft(link: RoomLink, { participant, reason }: ParticipantLeftEvent): void {
    if (participant !== link.participant) return this.#others.leave(participant, reason);
    if (comeBackAfter.has(reason)) this.#join.request();
    else if (reason !== 'left') this.#fail(new RealtimeError({ code: 'forbidden', message: `The server ended the call: ${reason}.`, scope: reason }));
  }

  #linkLost(link: RoomLink, error?: RealtimeError): void {
    if (this.#ended || link !== this.#stage.latest) return;
    if (error?.code === 'forbidden' || error?.code === 'invalid') return this.#fail(error);
    this.#set('interrupted', error);
    // The node may still hold our old transport: leave it, then come as somebody new. A stale epoch only needs the new one.
    this.#leaveFirst = error?.code !== 'conflict' && error?.code !== 'notFound';
    this.#join.request();
  }

  #fail(error: RealtimeError): void {
    if (!this.#ended) this.#end('failed', error);
  }

  #end(state: 'left' | 'failed', error?: RealtimeError): void {
    this.#join.stop();
    this.#own.stop();
    this.#presence.stop();
    this.#others.stop();
    this.views.stop();
    this.#set(state, error);
    this.#coming?.close();
    this.#stage.close();
  }

  #set(state: RoomState, error?: RealtimeError): void {
    if (this.#state === state && !error) return;
    this.#state = state;
    this.emit('state', { state, error });
  }
}
