import type { Room } from '@realtime/client';
import { announce, element } from './dom';
import { layOut } from './grid-layout';
import type { OwnMedia } from './own-media';
import { Tile } from './tile';

const gap = 12;

/** The grid of everybody in the call. */
export class People {
  readonly #grid = element('grid');
  readonly #tiles = new Map<string, Tile>();
  readonly #media: OwnMedia;
  readonly #resize: ResizeObserver;
  #room: Room | undefined;
  #stale = false;

  constructor(media: OwnMedia) {
    this.#media = media;
    this.#resize = new ResizeObserver(() => this.#layOut());
    this.#resize.observe(this.#grid);
    media.on('changed', () => this.#refresh());
    element('start-audio').addEventListener('click', () => {
      element('start-audio').hidden = true;
      for (const tile of this.#tiles.values()) tile.startSound().catch(() => (element('start-audio').hidden = false));
    });
  }

  /** Listens to a room before its first event. */
  follow(room: Room): void {
    this.#room = room;
    room.on('changed', () => this.#refresh());
    room.on('trackStarted', track => {
      const tile = this.#tile(track.participant);
      tile.play(track);
      if (track.kind === 'video') room.views.show(track.id, tile.element);
    });
    room.on('trackEnded', track => this.#tiles.get(track.participant)?.stop(track.kind, track.media));
    room.on('participantJoined', ({ name, participant }) => {
      if (participant !== room.participant && room.state === 'connected') announce(`${name} joined`);
    });
    room.on('participantLeft', ({ participant: { name } }) => {
      if (room.state === 'connected') announce(`${name} left`);
    });
  }

  clear(): void {
    this.#room = undefined;
    for (const tile of this.#tiles.values()) tile.remove();
    this.#tiles.clear();
    element('start-audio').hidden = true;
  }

  /** Soon, once for all that changed together. */
  #refresh(): void {
    if (this.#stale) return;
    this.#stale = true;
    queueMicrotask(() => this.#draw());
  }

  #draw(): void {
    this.#stale = false;
    const room = this.#room;
    if (!room) return;
    const people = room.roster.participants;
    const present = new Set(people.map(person => person.participant));
    for (const [participant, tile] of this.#tiles) {
      if (present.has(participant)) continue;
      tile.remove();
      this.#tiles.delete(participant);
    }
    for (const { participant, name } of people) {
      const own = participant === room.participant;
      const tile = this.#tile(participant);
      if (own) this.#showOwn(tile, name);
      else {
        const on = (kind: string) => room.roster.tracksOf(participant).some(track => track.kind === kind && !track.muted);
        tile.show(name, false, on('audio'), on('video'));
      }
    }
    element('people-count').textContent = people.length === 1 ? '1 person' : `${people.length} people`;
    element('alone').hidden = people.length !== 1;
    this.#layOut();
  }

  #showOwn(tile: Tile, name: string): void {
    const camera = this.#media.mirror;
    const microphone = this.#media.track('microphone');
    if (camera) tile.play({ kind: 'video', media: camera });
    else tile.stop('video');
    tile.show(name, true, microphone !== null && microphone.enabled, camera !== null);
  }

  #tile(participant: string): Tile {
    let tile = this.#tiles.get(participant);
    if (!tile) {
      tile = new Tile(participant, participant === this.#room?.participant, () => (element('start-audio').hidden = false));
      this.#tiles.set(participant, tile);
      this.#grid.append(tile.element);
    }
    return tile;
  }

  #layOut(): void {
    const room = this.#grid.getBoundingClientRect(); // Not clientWidth: rounded up, the last tile of a row would wrap.
    const { width, height } = layOut(this.#tiles.size, Math.floor(room.width), Math.floor(room.height), gap);
    this.#grid.style.setProperty('--tile-gap', `${gap}px`);
    this.#grid.style.setProperty('--tile-width', `${width}px`);
    this.#grid.style.setProperty('--tile-height', `${height}px`);
  }
}
