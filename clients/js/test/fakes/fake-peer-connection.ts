import type { MediaKind } from '../../src/contracts.js';

/** A track that can be muted and unmuted by hand. */
export class FakeTrack extends EventTarget {
  readonly id = crypto.randomUUID();
  readonly kind: MediaKind;
  readonly label: string;
  enabled = true;
  muted = true;

  constructor(kind: MediaKind, label = 'device') {
    super();
    this.kind = kind;
    this.label = label;
  }

  getSettings(): MediaTrackSettings {
    return this.kind === 'video' ? { width: 640, height: 360 } : {};
  }

  play(): void {
    this.muted = false;
    this.dispatchEvent(new Event('unmute'));
  }
}

export interface FakeTransceiver {
  mid: string | null;
  direction: string;
  sender: { track: unknown; replaceTrack(track: unknown): Promise<void> };
  receiver: { track: FakeTrack };
  /** MIME types, as they were put into order. */
  codecs: string[];
  setCodecPreferences(codecs: { mimeType: string }[]): void;
}

/** Just enough of RTCPeerConnection to follow sections and negotiations. */
export class FakePeerConnection extends EventTarget {
  static made: FakePeerConnection[] = [];
  signalingState = 'stable';
  connectionState = 'new';
  localDescription: { sdp: string } | null = null;
  offers = 0;
  configurations: RTCConfiguration[] = [];
  restarts = 0;
  /** What getStats answers. */
  stats = new Map<string, object>();
  readonly transceivers: FakeTransceiver[] = [];

  constructor() {
    super();
    FakePeerConnection.made.push(this);
  }

  static create = (): RTCPeerConnection => new FakePeerConnection() as unknown as RTCPeerConnection;

  getTransceivers(): FakeTransceiver[] {
    return this.transceivers;
  }

  addTransceiver(what: FakeTrack | MediaKind, { direction }: { direction: string } = { direction: 'sendrecv' }): FakeTransceiver {
    const kind = typeof what === 'string' ? what : what.kind;
    const transceiver: FakeTransceiver = {
      mid: null,
      direction,
      sender: {
        track: typeof what === 'string' ? null : what,
        async replaceTrack(track) {
          this.track = track;
        },
      },
      receiver: { track: new FakeTrack(kind, 'remote') },
      codecs: [],
      setCodecPreferences(codecs) {
        this.codecs = codecs.map(codec => codec.mimeType);
      },
    };
    this.transceivers.push(transceiver);
    return transceiver;
  }

  async createOffer(): Promise<{ type: string; sdp: string }> {
    this.offers++;
    return { type: 'offer', sdp: this.transceivers.map(t => `${t.receiver.track.kind}:${t.direction}`).join(' ') };
  }

  async setLocalDescription(description: { sdp: string }): Promise<void> {
    this.localDescription = description;
    this.signalingState = 'have-local-offer';
    this.transceivers.forEach((transceiver, index) => (transceiver.mid ??= String(index)));
  }

  async setRemoteDescription(): Promise<void> {
    this.signalingState = 'stable';
  }

  setConfiguration(configuration: RTCConfiguration): void {
    this.configurations.push(configuration);
  }

  restartIce(): void {
    this.restarts++;
  }

  async getStats(): Promise<Map<string, object>> {
    return this.stats;
  }

  become(state: string): void {
    this.connectionState = state;
    this.dispatchEvent(new Event('connectionstatechange'));
  }

  close(): void {
    this.signalingState = 'closed';
    this.connectionState = 'closed';
  }
}
