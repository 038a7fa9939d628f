import type { MediaKind, VideoCodec } from '../contracts.js';

/** What a `LocalTrack` asks of its room. */
export interface LocalTrackOwner {
  mediaReplaced(track: LocalTrack): Promise<void>;
  muteChanged(track: LocalTrack): void;
}

/** How a track is encoded. */
export interface SendOptions {
  codec?: VideoCodec;
  /** Bit/s of the full picture. */
  maxBitrate?: number;
  /** Three sizes of VP8 or H264, each encoded while somebody needs it. Default true. */
  simulcast?: boolean;
  /** Layers within one stream instead, for VP9 and AV1: `L3T3_KEY`, `L1T3` … */
  scalabilityMode?: string;
}

/** A track of our own: the device behind it can change and it can be muted without a negotiation. */
export class LocalTrack {
  readonly kind: MediaKind;
  /** `microphone`, `camera`, `screen` … */
  readonly source: string;
  /** Asked for, when it is video; the server may choose another that more of the others can play. */
  readonly codec: VideoCodec;
  /** Bit/s at most; undefined: the browser decides. */
  readonly maxBitrate: number | undefined;
  readonly simulcast: boolean | undefined;
  readonly scalabilityMode: string | undefined;
  /** Its id in the room, once the server has said so. */
  id: string | undefined;
  readonly #owner: LocalTrackOwner;
  #media: MediaStreamTrack | null;
  #muted: boolean;

  /** @internal */
  constructor(
    owner: LocalTrackOwner, kind: MediaKind, source: string, media: MediaStreamTrack | null, muted: boolean,
    { codec = 'vp8', maxBitrate, simulcast, scalabilityMode }: SendOptions = {},
  ) {
    this.#owner = owner;
    this.kind = kind;
    this.source = source;
    this.#media = media;
    this.#muted = muted;
    this.codec = codec;
    this.maxBitrate = maxBitrate;
    this.simulcast = simulcast;
    this.scalabilityMode = scalabilityMode;
    if (media) media.enabled = !muted;
  }

  get media(): MediaStreamTrack | null {
    return this.#media;
  }

  get muted(): boolean {
    return this.#muted;
  }

  /** Nothing leaves while muted, whatever the server knows; the others are told as soon as there is a connection. */
  setMuted(muted: boolean): void {
    if (this.#muted === muted) return;
    this.#muted = muted;
    if (this.#media) this.#media.enabled = !muted;
    this.#owner.muteChanged(this);
  }

  /** Another device, or none for now. The old track is not stopped: it is the caller's. */
  async replace(media: MediaStreamTrack | null): Promise<void> {
    if (media) media.enabled = !this.#muted;
    this.#media = media;
    await this.#owner.mediaReplaced(this);
  }
}
