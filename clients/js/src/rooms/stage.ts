import type { Clock } from '../clock.js';
import type { MediaKind } from '../contracts.js';
import type { Binding } from './bindings.js';
import { HandOver } from './hand-over.js';
import type { RoomLink } from './room-link.js';

/** A track of somebody else that plays here. */
export interface RemoteTrack {
  id: string;
  participant: string;
  kind: MediaKind;
  media: MediaStreamTrack;
}

export interface StageListener {
  started(track: RemoteTrack): void;
  ended(track: RemoteTrack): void;
  /** The link that is shown changed, or its state did. */
  linkChanged(link: RoomLink): void;
}

/** What plays, and on which peer connection: while a room moves there are two, and the old one is shown until the new one plays. */
export class Stage {
  readonly #clock: Clock;
  readonly #listener: StageListener;
  readonly #playing = new Map<string, RemoteTrack>();
  #shown: RoomLink | undefined;
  #next: HandOver | undefined;

  constructor(clock: Clock, listener: StageListener) {
    this.#clock = clock;
    this.#listener = listener;
  }

  get playing(): RemoteTrack[] {
    return [...this.#playing.values()];
  }

  /** The link that signaling concerns: the newest. */
  get latest(): RoomLink | undefined {
    return this.#next?.link ?? this.#shown;
  }

  get links(): RoomLink[] {
    return [this.#shown, this.#next?.link].filter(link => link !== undefined);
  }

  enter(link: RoomLink): void {
    this.#next?.stop();
    this.#next?.link.close();
    this.#next = undefined;
    if (this.#shown) this.#next = new HandOver(link, this.#clock, () => this.#takeOver());
    else this.#shown = link;
  }

  linkChanged(link: RoomLink): void {
    if (link === this.#shown && link.state !== 'closed') this.#listener.linkChanged(link);
    else if (link === this.#next?.link && link.state === 'connected') this.#next.connected();
  }

  started(link: RoomLink, binding: Binding): void {
    if (link === this.#next?.link) this.#next.bound(link.media(binding));
    else if (link === this.#shown) this.#play(link, binding);
  }

  ended(link: RoomLink, binding: Binding): void {
    const track = this.#playing.get(binding.track);
    if (link !== this.#shown || !track) return;
    this.#playing.delete(binding.track);
    this.#listener.ended(track);
  }

  close(): void {
    this.#next?.stop();
    for (const link of this.links) link.close();
    const ended = this.playing;
    this.#playing.clear();
    for (const track of ended) this.#listener.ended(track);
  }

  #play(link: RoomLink, binding: Binding): void {
    const media = link.media(binding);
    if (!media) return;
    const track = { id: binding.track, participant: binding.participant, kind: media.kind as MediaKind, media };
    this.#playing.set(track.id, track);
    this.#listener.started(track);
  }

  /** The new connection plays: show it, end the old one. */
  #takeOver(): void {
    const link = this.#next?.link;
    if (!link) return;
    const before = this.playing;
    this.#playing.clear();
    this.#shown?.close();
    this.#shown = link;
    this.#next = undefined;
    for (const binding of link.bindings.all) this.#play(link, binding);
    for (const track of before) if (!this.#playing.has(track.id)) this.#listener.ended(track);
    this.#listener.linkChanged(link);
  }
}
