import type { Clock } from '../clock.js';
import type { BoundEvent, JoinRoomResult, MediaKind, SectionsEvent, TrackLabel } from '../contracts.js';
import type { RealtimeError } from '../errors.js';
import { type Binding, Bindings } from './bindings.js';
import type { LocalTrack } from './local-track.js';
import { Negotiation } from './negotiation.js';
import { TransportWatch } from './transport-watch.js';

export interface RoomLinkOptions {
  joined: JoinRoomResult;
  clock: Clock;
  createPeerConnection: (configuration: RTCConfiguration) => RTCPeerConnection;
  exchange: (epoch: number, sdp: string, labels: TrackLabel[]) => Promise<string>;
  /** Something that shows in `state` or `media` changed. */
  changed: (link: RoomLink) => void;
  started: (link: RoomLink, binding: Binding) => void;
  ended: (link: RoomLink, binding: Binding) => void;
  /** This peer connection is beyond repair: join again. */
  lost: (link: RoomLink, error?: RealtimeError) => void;
}

export type LinkState = 'connecting' | 'connected' | 'interrupted' | 'closed';

/** One peer connection: our presence in one room at one epoch of it. */
export class RoomLink {
  readonly epoch: number;
  /** Our own participant id. */
  readonly participant: string;
  readonly pc: RTCPeerConnection;
  readonly bindings = new Bindings();
  readonly #options: RoomLinkOptions;
  readonly #negotiation: Negotiation;
  readonly #watch: TransportWatch;
  readonly #sending = new Map<LocalTrack, RTCRtpTransceiver>();
  #state: LinkState = 'connecting';

  constructor(options: RoomLinkOptions) {
    const { joined, clock } = options;
    this.#options = options;
    this.epoch = joined.epoch;
    this.participant = joined.participant;
    this.pc = options.createPeerConnection({ iceServers: joined.iceServers, bundlePolicy: 'max-bundle' });
    this.#negotiation = new Negotiation({
      pc: this.pc,
      clock,
      labels: () => this.#labels(),
      exchange: (sdp, labels) => options.exchange(this.epoch, sdp, labels),
      answered: () => this.#watch.answered(),
      refused: error => options.lost(this, error),
    });
    this.#watch = new TransportWatch(this.pc, clock, {
      connected: () => this.#set('connected'),
      interrupted: () => this.#set('interrupted'),
      restart: () => {
        this.pc.restartIce();
        this.#negotiation.requestNow();
      },
      lost: () => options.lost(this),
    });
  }

  get state(): LinkState {
    return this.#state;
  }

  /** What plays in the section; its track exists as soon as the section does. */
  media(binding: Binding): MediaStreamTrack | undefined {
    return this.pc.getTransceivers().find(transceiver => transceiver.mid === binding.mid)?.receiver.track;
  }

  /** Adds a sending section; takes effect with the next negotiation. */
  publish(track: LocalTrack): void {
    const transceiver = this.pc.addTransceiver(track.media ?? track.kind, { direction: 'sendonly' });
    if (track.kind === 'video') preferVp8(transceiver);
    this.#sending.set(track, transceiver);
  }

  async replace(track: LocalTrack): Promise<void> {
    await this.#sending.get(track)?.sender.replaceTrack(track.media);
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

  close(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#negotiation.stop();
    this.#watch.stop();
    this.pc.close();
  }

  #grow(kind: MediaKind, wanted: number): number {
    const have = this.pc.getTransceivers().filter(t => t.direction === 'recvonly' && t.receiver.track.kind === kind).length;
    for (let i = have; i < wanted; i++) this.pc.addTransceiver(kind, { direction: 'recvonly' });
    return Math.max(0, wanted - have);
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

/** VP8 is what every browser can both send and receive; the others stay in the offer behind it. */
function preferVp8(transceiver: RTCRtpTransceiver): void {
  const codecs = globalThis.RTCRtpReceiver?.getCapabilities?.('video')?.codecs;
  if (!codecs) return;
  const isVp8 = (codec: RTCRtpCodec) => codec.mimeType.toLowerCase() === 'video/vp8';
  transceiver.setCodecPreferences([...codecs.filter(isVp8), ...codecs.filter(codec => !isVp8(codec))]);
}
