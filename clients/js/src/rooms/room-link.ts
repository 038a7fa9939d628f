import type { Clock } from '../clock.js';
import type { BoundEvent, IceServer, JoinRoomResult, LayersEvent, MediaKind, SectionsEvent, TrackLabel, TransportReport } from '../contracts.js';
import type { RealtimeError } from '../errors.js';
import { type Binding, Bindings } from './bindings.js';
import { EndedSections } from './ended-sections.js';
import { FirstFrames } from './first-frames.js';
import type { LocalTrack, SendOptions } from './local-track.js';
import { Negotiation, type Offer } from './negotiation.js';
import { NetworkWatch } from './network-watch.js';
import { SendDemand } from './send-demand.js';
import { addSending } from './sending.js';
import { outgoingBitrate, withStartBitrate } from './start-bitrate.js';
import { TransportReports } from './transport-report.js';
import { TransportWatch } from './transport-watch.js';

export interface RoomLinkOptions {
  clock: Clock;
  /** The newest that are known; of no use any more: nothing. */
  iceServers: () => IceServer[] | undefined;
  createPeerConnection: (configuration: RTCConfiguration) => RTCPeerConnection;
  exchange: (epoch: number, sdp: string, labels: TrackLabel[]) => Promise<string>;
  /** Something that shows in `state` or `media` changed. */
  changed: (link: RoomLink) => void;
  started: (link: RoomLink, binding: Binding) => void;
  ended: (link: RoomLink, binding: Binding) => void;
  /** What the server cannot see of the transport. */
  report: (report: TransportReport) => void;
  /** This peer connection is beyond repair: join again. */
  lost: (link: RoomLink, error?: RealtimeError) => void;
}

/** Gathering asks for them; a later change would restart ICE with the next offer, so it waits for the next restart. */
function configuration(iceServers: IceServer[]): RTCConfiguration {
  return { iceServers, bundlePolicy: 'max-bundle' };
}

export type LinkState = 'connecting' | 'connected' | 'interrupted' | 'closed';

/**
 * One peer connection: our presence in one room at one epoch of it. It is made, and its first offer as well, before the room
 * is joined: making it is what takes the longest in a browser.
 */
export class RoomLink {
  /** Receive sections of each kind that the first offer has: more are negotiated when the server asks for them. */
  static readonly firstSections = 3;

  readonly pc: RTCPeerConnection;
  readonly bindings = new Bindings();
  readonly firstFrames: FirstFrames;
  readonly #options: RoomLinkOptions;
  readonly #negotiation: Negotiation;
  readonly #watch: TransportWatch;
  readonly #network: NetworkWatch;
  readonly #reports: TransportReports;
  readonly #sending = new Map<LocalTrack, RTCRtpTransceiver>();
  readonly #demands = new Map<LocalTrack, SendDemand>();
  /** Sending sections that were offered before anybody knew what they will carry. */
  readonly #spare: RTCRtpTransceiver[] = [];
  readonly #ended = new EndedSections();
  /** The ICE servers of the offer that nobody has carried to the server yet. */
  #offeredWith: IceServer[] | undefined;
  #startBitrate: number | undefined;
  #state: LinkState = 'connecting';
  #joined: JoinRoomResult | undefined;

  constructor(options: RoomLinkOptions) {
    const { clock } = options;
    this.#options = options;
    this.pc = options.createPeerConnection(configuration(options.iceServers() ?? []));
    this.firstFrames = new FirstFrames(this.pc, clock);
    this.#negotiation = new Negotiation({
      pc: this.pc,
      clock,
      labels: () => this.#labels(),
      exchange: (sdp, labels) => options.exchange(this.epoch, sdp, labels),
      read: answer => withStartBitrate(answer, this.#startBitrate),
      answered: () => this.#watch.answered(),
      refused: error => options.lost(this, error),
    });
    this.#reports = new TransportReports(this.pc, clock, report => this.#joined && options.report(report));
    this.#network = new NetworkWatch(() => this.#watch.networkChanged());
    this.#watch = new TransportWatch(this.pc, clock, {
      connected: () => {
        this.#set('connected');
        void this.#reports.connected();
      },
      interrupted: () => this.#set('interrupted'),
      restart: () => {
        const servers = options.iceServers();
        if (servers) this.pc.setConfiguration(configuration(servers));
        this.pc.restartIce();
        this.#reports.restarted();
        this.#negotiation.requestNow();
      },
      lost: () => options.lost(this),
    });
  }

  /** Of the room as it was joined; 0 before that. */
  get epoch(): number {
    return this.#joined?.epoch ?? 0;
  }

  /** Our own participant id. */
  get participant(): string | undefined {
    return this.#joined?.participant;
  }

  get state(): LinkState {
    return this.#state;
  }

  /**
   * Begins as the one before is, when this is to take its place: with as many sections, so that its first offer is its last as well and its pictures do not wait for the next; with
   * the same encodings until `settle`, at the rate that the other has come to, so that nobody's picture changes while it moves.
   */
  follow(before?: RoomLink): void {
    for (const kind of ['audio', 'video'] as const) this.#grow(kind, Math.max(RoomLink.firstSections, before ? before.#receiving(kind) : 0));
    if (!before) return;
    for (const [track, { current }] of before.#demands) if (current) void this.#demandOf(track)?.keep(current).catch(() => undefined); // Closed meanwhile.
    void outgoingBitrate(before.pc).then(bitrate => this.#joined ?? (this.#startBitrate = bitrate), () => undefined); // Then as on any first connection.
  }

  settle(): void {
    for (const demand of this.#demands.values()) void demand.settle().catch(() => undefined); // Closed meanwhile.
  }

  /** Sections to send in, for tracks of these kinds that are published later. */
  addSendingSections(kinds: readonly MediaKind[], video: SendOptions): void {
    for (const kind of kinds) this.#spare.push(addSending(this.pc, kind, kind, kind === 'video' ? video : {}));
  }

  /** Lets the browser prepare what an offer needs (certificate, codecs, threads), while there is something else to wait for. */
  async prepare(): Promise<void> {
    await this.pc.createOffer();
  }

  /** Makes the offer to join with, before anybody joins. */
  async prepareOffer(): Promise<void> {
    const servers = this.#options.iceServers();
    if (!servers) return;
    this.pc.setConfiguration(configuration(servers));
    await this.#negotiation.offer();
    this.#offeredWith = servers;
  }

  /** The offer to join with; nothing when the ICE servers are not known: then it is made after the join. */
  async offer(): Promise<Offer | undefined> {
    const servers = this.#options.iceServers();
    const prepared = servers !== undefined && this.#offeredWith === servers && this.#spare.length === 0;
    this.#offeredWith = undefined;
    if (prepared) return this.#negotiation.offered();
    for (const unused of this.#spare.splice(0)) unused.direction = 'inactive';
    if (!servers) return undefined;
    this.pc.setConfiguration(configuration(servers));
    return this.#negotiation.offer();
  }

  /** The room is joined: from now on this is a presence in it. */
  joined(joined: JoinRoomResult): void {
    this.#joined = joined;
    if (joined.sdp !== undefined) return this.#negotiation.accept(joined.sdp);
    if (this.pc.signalingState === 'stable') this.pc.setConfiguration(configuration(joined.iceServers));
    this.#negotiation.request();
  }

  /** What plays in the section; its track exists as soon as the section does. */
  media(binding: Binding): MediaStreamTrack | undefined {
    return this.pc.getTransceivers().find(transceiver => transceiver.mid === binding.mid)?.receiver.track;
  }

  /** Adds a sending section, unless there is one; takes effect with the next negotiation. */
  publish(track: LocalTrack): boolean {
    if (this.#sending.has(track)) return false;
    const spare = this.#spare.findIndex(({ receiver }) => receiver.track.kind === track.kind);
    if (spare >= 0) {
      const [section] = this.#spare.splice(spare, 1);
      this.#sending.set(track, section!);
      void this.replace(track).catch(() => undefined); // Closed meanwhile.
      return true;
    }
    const ended = this.#ended.take(track);
    if (ended) {
      const { section, demand } = ended;
      section.direction = 'sendonly';
      this.#sending.set(track, section);
      if (demand) this.#demands.set(track, demand);
      // Whatever was needed of the one before: of this one everything, until the server says so.
      void Promise.all([this.replace(track), demand?.apply({ wanted: [], paused: false })]).catch(() => undefined); // Closed meanwhile.
      return true;
    }
    // The prepared offer knows nothing of this one.
    this.#offeredWith = undefined;
    this.#sending.set(track, addSending(this.pc, track.kind, track.media ?? track.kind, track));
    return true;
  }

  /** Ends a sending section; takes effect with the next negotiation. */
  unpublish(track: LocalTrack): boolean {
    const section = this.#sending.get(track);
    if (!section) return false;
    this.#sending.delete(track);
    this.#ended.add({ track, section, demand: this.#demands.get(track) });
    this.#demands.delete(track);
    section.direction = 'inactive';
    void section.sender.replaceTrack(null).catch(() => undefined); // Closed meanwhile.
    return true;
  }

  async replace(track: LocalTrack): Promise<void> {
    await this.#sending.get(track)?.sender.replaceTrack(track.media);
    await this.#demands.get(track)?.mediaChanged();
  }

  /** What somebody needs of a track of ours: nothing else is encoded. */
  async demand(track: LocalTrack, wanted: LayersEvent): Promise<void> {
    await this.#demandOf(track)?.apply(wanted);
  }

  /** Which of our own tracks is sent in the section. */
  sentAs(mid: string): LocalTrack | undefined {
    for (const [track, transceiver] of this.#sending) if (transceiver.mid === mid) return track;
    return undefined;
  }

  negotiate(): void {
    this.#negotiation.request();
  }

  /** There is a connection to signaling again. */
  signalingReturned(): void {
    if (this.pc.signalingState === 'have-local-offer') this.#negotiation.requestNow();
  }

  /** Adds receive sections until there are as many as the server needs; it never needs fewer, it reuses. */
  needSections({ audio, video }: Pick<SectionsEvent, 'audio' | 'video'>): void {
    const added = this.#grow('audio', audio) + this.#grow('video', video);
    if (added > 0) this.#negotiation.request();
  }

  bind(event: BoundEvent): void {
    const { ended, started } = this.bindings.apply(event);
    if (ended) this.#options.ended(this, ended);
    if (started) this.#options.started(this, started);
  }

  release(participant: string): void {
    for (const binding of this.bindings.release(participant)) this.#options.ended(this, binding);
  }

  /** Sends nothing any more, because nobody is there: the encoders are of use on the connection that takes its place. */
  rest(): void {
    for (const { sender } of this.#sending.values()) void sender.replaceTrack(null).catch(() => undefined); // Closed meanwhile.
    this.#sending.clear();
  }

  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#negotiation.stop();
    this.#watch.stop();
    this.#network.stop();
    this.#reports.stop();
    this.firstFrames.stop();
    this.pc.close();
  }

  #demandOf(track: LocalTrack): SendDemand | undefined {
    const transceiver = this.#sending.get(track);
    if (transceiver && !this.#demands.has(track)) this.#demands.set(track, new SendDemand(transceiver.sender, track.scalabilityMode));
    return transceiver && this.#demands.get(track);
  }

  #grow(kind: MediaKind, wanted: number): number {
    const have = this.#receiving(kind);
    for (let i = have; i < wanted; i++) this.pc.addTransceiver(kind, { direction: 'recvonly' });
    return Math.max(0, wanted - have);
  }

  #receiving(kind: MediaKind): number {
    return this.pc.getTransceivers().filter(t => t.direction === 'recvonly' && t.receiver.track.kind === kind).length;
  }

  #labels(): TrackLabel[] {
    const labels: TrackLabel[] = [];
    for (const [track, { mid }] of this.#sending) if (mid !== null) labels.push({ mid, source: track.source });
    return labels;
  }

  #set(state: LinkState): void {
    if (this.#state === state || this.#state === 'closed') return;
    this.#state = state;
    this.#options.changed(this);
  }
}
