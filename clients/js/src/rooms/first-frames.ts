import type { Clock } from '../clock.js';

/**
 * Says when received tracks have something to show: sound with its first packet; a picture with its first frame, which may come long after its first packet, because it begins with a
 * key frame. Nobody asked: nothing is looked at.
 */
export class FirstFrames {
  static readonly everyMs = 50;

  readonly #pc: RTCPeerConnection;
  readonly #clock: Clock;
  readonly #there = new WeakSet<MediaStreamTrack>();
  readonly #awaited = new Map<MediaStreamTrack, (() => void)[]>();
  #cancel: (() => void) | undefined;
  #looking = false;

  constructor(pc: RTCPeerConnection, clock: Clock) {
    this.#pc = pc;
    this.#clock = clock;
  }

  /** Whether it is known to have come. */
  has(media: MediaStreamTrack): boolean {
    return this.#there.has(media) || (media.kind === 'audio' && !media.muted);
  }

  when(media: MediaStreamTrack, then: () => void): void {
    if (this.has(media)) return then();
    const before = this.#awaited.get(media);
    if (before) return void before.push(then);
    this.#awaited.set(media, [then]);
    if (media.muted) media.addEventListener('unmute', () => this.#started(media), { once: true });
    else this.#started(media);
  }

  stop(): void {
    this.#cancel?.();
    this.#awaited.clear();
  }

  #started(media: MediaStreamTrack): void {
    if (media.kind === 'audio') this.#came(media);
    else void this.#look();
  }

  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    this.#cancel?.();
    const decoded = await decodedFrames(this.#pc).catch(() => undefined); // Closed meanwhile.
    this.#looking = false;
    const waiting = [...this.#awaited.keys()].filter(media => !media.muted);
    // Of what the browser does not tell, the first packet has to do.
    for (const media of waiting) if (decoded?.get(media.id) !== 0) this.#came(media);
    if (waiting.some(media => this.#awaited.has(media))) this.#cancel = this.#clock.after(FirstFrames.everyMs, () => void this.#look());
  }

  #came(media: MediaStreamTrack): void {
    const then = this.#awaited.get(media) ?? [];
    this.#awaited.delete(media);
    this.#there.add(media);
    for (const each of then) each();
  }
}

/** By the id of the track. */
async function decodedFrames(pc: RTCPeerConnection): Promise<Map<string, number>> {
  const decoded = new Map<string, number>();
  (await pc.getStats()).forEach(({ type, kind, trackIdentifier, framesDecoded }: Partial<RTCInboundRtpStreamStats>) => {
    if (type === 'inbound-rtp' && kind === 'video' && trackIdentifier !== undefined) decoded.set(trackIdentifier, framesDecoded ?? 0);
  });
  return decoded;
}
