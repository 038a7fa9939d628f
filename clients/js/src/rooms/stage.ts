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
  /** `microphone`, `camera`, `screen` …, as far as its publisher has said so. */
  source: string | undefined;
  media: MediaStreamTrack;
}

export interface StageListener {
  sourceOf(track: string): string | undefined;
  started(track: RemoteTrack): void;
  ended(track: RemoteTrack): void;
  /** What is shown comes on the new connection as this track. */
  succeeded(track: RemoteTrack, by: string): void;
  /** The link that is shown changed, or its state did. */
  linkChanged(link: RoomLink): void;
}

/** What plays, and on which peer connection: while a room moves there are two, and each track of the old one is shown until its successor plays on the new one. */
export class Stage {
  /** After the latest track that has come to play on the new one: people are led there one after the other. Who is slower than that is shown as soon as they are there. */
  static readonly lingerMs = 3_000;
  /** In all: the server ends the old copy of the room as well. */
  static readonly lingerAtMostMs = 8_000;

  readonly #clock: Clock;
  readonly #listener: StageListener;
  readonly #playing = new Map<string, RemoteTrack>();
  #shown: RoomLink | undefined;
  #next: HandOver | undefined;
  /** Its connection is not the room's any more, but some tracks still play on it. */
  #leaving: { link: RoomLink; tracks: Set<RemoteTrack>; until: number; cancel: () => void } | undefined;

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
    return [this.#leaving?.link, this.#shown, this.#next?.link].filter(link => link !== undefined);
  }

  /** Says whether the room has moved: then everybody else is on the way to the new connection as well. */
  enter(link: RoomLink): boolean {
    const before = this.latest;
    const moved = before !== undefined && before.epoch < link.epoch && before.participant === link.participant;
    this.#next?.stop();
    this.#next?.link.close();
    this.#next = undefined;
    if (this.#shown) this.#next = new HandOver(link, this.#clock, moved ? Stage.lingerMs : 0, () => this.#takeOver());
    else this.#shown = link;
    return moved;
  }

  linkChanged(link: RoomLink): void {
    if (link === this.#shown && link.state !== 'closed') this.#listener.linkChanged(link);
    else if (link === this.#next?.link && link.state === 'connected') this.#next.connected();
  }

  started(link: RoomLink, binding: Binding): void {
    if (link === this.#next?.link) {
      const before = this.#predecessor(this.#remote(link, binding), this.#playing.values());
      if (before) this.#listener.succeeded(before, binding.track);
      this.#next.bound(link.media(binding));
    } else if (link === this.#shown) this.#play(link, binding);
  }

  ended(link: RoomLink, binding: Binding): void {
    const track = this.#playing.get(binding.track);
    if (!track || (link !== this.#shown && link !== this.#leaving?.link)) return;
    this.#end(track);
  }

  close(): void {
    this.#next?.stop();
    this.#leaving?.cancel();
    for (const link of this.links) link.close();
    const ended = this.playing;
    this.#playing.clear();
    for (const track of ended) this.#listener.ended(track);
  }

  #play(link: RoomLink, binding: Binding): void {
    const track = this.#remote(link, binding);
    if (!track || this.#playing.get(binding.track)?.media === track.media) return;
    const predecessor = this.#predecessor(track, this.#leaving?.tracks);
    if (predecessor && !link.firstFrames.has(track.media)) {
      link.firstFrames.when(track.media, () => {
        if (link === this.#shown && link.bindings.ofTrack(binding.track)?.mid === binding.mid) this.#play(link, binding);
      });
      return;
    }
    this.#playing.set(track.id, track);
    this.#listener.started(track);
    if (!predecessor) return;
    this.#end(predecessor);
    this.#linger();
  }

  #remote(link: RoomLink, binding: Binding): RemoteTrack | undefined {
    const media = link.media(binding);
    return media && { id: binding.track, participant: binding.participant, kind: media.kind as MediaKind, source: this.#listener.sourceOf(binding.track), media };
  }

  /** What it takes the place of, of the connection that is left: a participant may show a camera and a screen. */
  #predecessor(track: RemoteTrack | undefined, of: Iterable<RemoteTrack> = []): RemoteTrack | undefined {
    for (const one of of) if (one.participant === track?.participant && one.kind === track.kind && one.source === track.source) return one;
    return undefined;
  }

  #end(track: RemoteTrack): void {
    this.#leaving?.tracks.delete(track);
    if (this.#playing.get(track.id) !== track) return;
    this.#playing.delete(track.id);
    this.#listener.ended(track);
  }

  /** The new connection plays: show it, and end the old one when nothing is shown of it any more. */
  #takeOver(): void {
    const next = this.#next;
    if (!next) return;
    this.#leave();
    if (this.#shown) this.#leaving = { link: this.#shown, tracks: new Set(this.playing), until: this.#clock.now() + Stage.lingerAtMostMs, cancel: () => undefined };
    this.#shown = next.link;
    this.#next = undefined;
    for (const binding of next.link.bindings.all) this.#play(next.link, binding);
    if (next.lingerMs === 0) this.#leave();
    else this.#linger();
    this.#listener.linkChanged(next.link);
  }

  #linger(): void {
    const leaving = this.#leaving;
    if (!leaving) return;
    leaving.cancel();
    leaving.cancel = this.#clock.after(Math.min(Stage.lingerMs, leaving.until - this.#clock.now()), () => this.#leave());
  }

  #leave(): void {
    const leaving = this.#leaving;
    if (!leaving) return;
    this.#leaving = undefined;
    leaving.cancel();
    leaving.link.close();
    this.#shown?.settle();
    for (const track of leaving.tracks) this.#end(track);
    // Those that waited for their first packet have nobody left to wait for.
    for (const binding of this.#shown?.bindings.all ?? []) if (this.#shown && !this.#playing.has(binding.track)) this.#play(this.#shown, binding);
  }
}
