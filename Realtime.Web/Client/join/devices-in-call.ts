import type { LocalTrack, Room, SendOptions } from '@realtime/client';
import { element, showToggle } from './dom';
import { othersFirst } from './others-first';
import type { Device, OwnMedia } from './own-media';

/** Microphone and camera during the call: what the two buttons do, and what the room is told. */
export class DevicesInCall {
  readonly #media: OwnMedia;
  readonly #video: SendOptions;
  readonly #tracks = new Map<Device, LocalTrack>();
  readonly #busy = new Set<Device>();
  readonly #told: (on: Record<Device, boolean>) => void;
  #room: Room | undefined;
  /** The room in which our picture is sent: not before others' are seen. */
  #seen: Room | undefined;

  /** @param told Hears what is on, whenever that changes. */
  constructor(media: OwnMedia, video: SendOptions, told: (on: Record<Device, boolean>) => void) {
    this.#media = media;
    this.#video = video;
    this.#told = told;
    element('mute').addEventListener('click', () => void this.toggle('microphone'));
    element('camera-toggle').addEventListener('click', () => void this.toggle('camera'));
    media.on('changed', device => this.#mediaChanged(device));
  }

  /** Publishes what is open, or about to be: its place is negotiated already when it comes. A device that is opened later is published then. */
  enter(room: Room): void {
    this.#room = room;
    this.#tracks.clear();
    for (const device of ['microphone', 'camera'] as const) {
      this.#media.track(device) && (this.#media.track(device)!.enabled = true);
      this.#mediaChanged(device);
    }
    void othersFirst(room).then(() => {
      if (this.#room !== room) return; // Left meanwhile.
      this.#seen = room;
      this.#mediaChanged('camera');
    });
  }

  /** Somebody else changed what is on. */
  refresh(): void {
    for (const device of ['microphone', 'camera'] as const) this.#show(device);
  }

  leave(): void {
    this.#room = this.#seen = undefined;
    this.#tracks.clear();
  }

  async toggle(device: Device): Promise<void> {
    if (!this.#room || this.#busy.has(device)) return;
    this.#busy.add(device);
    try {
      const open = this.#media.track(device);
      const published = this.#tracks.get(device);
      if (device === 'microphone' && open && published) published.setMuted(!published.muted); // Stays open: back in an instant.
      else if (open) this.#media.close(device);
      else await this.#media.open(device);
    } finally {
      this.#busy.delete(device);
      this.#show(device);
    }
  }

  #mediaChanged(device: Device): void {
    const room = this.#room;
    if (!room) return;
    const media = this.#media.track(device);
    const sent = device === 'camera' && this.#seen !== room ? null : media;
    const published = this.#tracks.get(device);
    if (published) {
      published.setMuted(media === null);
      if (published.media !== sent) void published.replace(sent);
    } else if (media || this.#media.opening(device)) {
      this.#tracks.set(device, device === 'camera'
        ? room.publish('video', sent, { source: device, muted: media === null, ...this.#video })
        : room.publish('audio', sent, { source: device, muted: media === null }));
    }
    this.#show(device);
  }

  #show(device: Device): void {
    const on = (which: Device) => this.#media.track(which) !== null && this.#tracks.get(which)?.muted !== true;
    if (device === 'microphone') showToggle(element('mute'), on(device), 'mic');
    else showToggle(element('camera-toggle'), on(device), 'camera');
    if (this.#room) this.#told({ microphone: on('microphone'), camera: on('camera') });
  }
}
