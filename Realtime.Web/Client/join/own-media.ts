import { Emitter } from '@realtime/client';
import { recall, remember } from './memory';

export type Device = 'microphone' | 'camera';

interface OwnMediaEvents {
  /** A track came, went or was replaced. */
  changed: Device;
  /** Why a device could not be opened, as the browser threw it; nothing: it was taken away. */
  problem: { device: Device; thrown?: unknown };
}

/** The microphone and the camera: open only while they are wanted, so that their lights tell the truth. */
export class OwnMedia extends Emitter<OwnMediaEvents> {
  readonly #tracks = new Map<Device, MediaStreamTrack>();
  readonly #chosen = new Map<Device, string>([['microphone', recall('microphone')], ['camera', recall('camera')]]);
  readonly #latest = new Map<Device, number>();
  readonly #opening = new Set<Device>();
  #mirror: MediaStreamTrack | null = null;

  track(device: Device): MediaStreamTrack | null {
    return this.#tracks.get(device) ?? null;
  }

  /** What the camera sees, for its owner's own eyes: fewer pictures do, and each one drawn is taken from the others'. */
  get mirror(): MediaStreamTrack | null {
    const camera = this.track('camera');
    if (!camera) return null;
    if (!this.#mirror) {
      this.#mirror = camera.clone();
      // Refused, it shows every picture.
      this.#mirror.applyConstraints({ frameRate: { max: mirrorFrameRate } }).catch(() => undefined);
    }
    return this.#mirror;
  }

  /** Whether the browser has been asked for it and has not answered yet. */
  opening(device: Device): boolean {
    return this.#opening.has(device);
  }

  chosen(device: Device): string {
    return this.track(device)?.getSettings().deviceId ?? this.#chosen.get(device) ?? '';
  }

  /** Opens the device, or the one chosen instead; null and a `problem` when that cannot be. */
  async open(device: Device): Promise<MediaStreamTrack | null> {
    const request = (this.#latest.get(device) ?? 0) + 1;
    this.#latest.set(device, request);
    this.#opening.add(device);
    try {
      const track = await acquire(device, this.#chosen.get(device) ?? '');
      if (this.#latest.get(device) !== request) {
        track.stop(); // Closed or chosen anew meanwhile.
        return this.track(device);
      }
      this.#release(device);
      this.#opening.delete(device);
      this.#tracks.set(device, track);
      track.addEventListener('ended', () => {
        if (this.track(device) !== track) return;
        this.emit('problem', { device });
        this.close(device);
      });
      this.emit('changed', device);
      return track;
    } catch (thrown) {
      if (this.#latest.get(device) !== request) return this.track(device);
      this.#opening.delete(device);
      this.emit('problem', { device, thrown });
      this.emit('changed', device);
      return null;
    }
  }

  close(device: Device): void {
    this.#latest.set(device, (this.#latest.get(device) ?? 0) + 1);
    const opening = this.#opening.delete(device);
    if (this.#release(device) || opening) this.emit('changed', device);
  }

  async choose(device: Device, id: string): Promise<void> {
    this.#chosen.set(device, id);
    remember(device, id);
    await this.open(device);
  }

  closeAll(): void {
    this.close('microphone');
    this.close('camera');
  }

  #release(device: Device): boolean {
    this.track(device)?.stop();
    if (device === 'camera') {
      this.#mirror?.stop();
      this.#mirror = null;
    }
    return this.#tracks.delete(device);
  }
}

// One layer for everybody: what a tile of a grid shows, and what a few of them cost a small machine to encode and decode.
const PICTURE = { width: { ideal: 640 }, height: { ideal: 360 }, frameRate: { ideal: 30, max: 30 } };

const mirrorFrameRate = 15;

/** Bit/s for that picture: beyond it nobody sees a difference, but everybody pays for it. */
export const pictureBitrate = 800_000;

async function acquire(device: Device, id: string): Promise<MediaStreamTrack> {
  const chosen = id ? { deviceId: { ideal: id } } : {};
  const stream = await navigator.mediaDevices.getUserMedia(device === 'microphone'
    ? { audio: { ...chosen, echoCancellation: true, noiseSuppression: true, autoGainControl: true } }
    : { video: { ...chosen, ...PICTURE } });
  return stream.getTracks()[0]!;
}
