import type { QualityEvent, RemoteTrack, Room, TrackInfo } from '@realtime/client';
import { aroundFirst, inGrid } from './arrangement';
import { announce, element } from './dom';
import { handsInOrder } from './hands';
import type { OwnMedia } from './own-media';
import { Tile } from './tile';
import { View } from './view';

const gap = 12;

const isScreen = ({ source }: { source?: string }) => source === 'screen';
const screenOf = (participant: string) => `${participant} screen`;

/** The stage: everybody in the call, and the screens they share. A tile's key is its participant's id, of a screen that and "screen". */
export class People {
  readonly #stage = element('grid');
  readonly #tiles = new Map<string, Tile>();
  readonly #view = new View();
  readonly #quality = new Map<string, QualityEvent>();
  readonly #playing = new Map<RemoteTrack, string>();
  readonly #media: OwnMedia;
  readonly #resize: ResizeObserver;
  #speaking = new Set<string>();
  #hands = new Map<string, number>();
  #speaker = '';
  /** Of the stage, as the browser tells: asked for, it would lay out the page at once. */
  #size: Pick<DOMRect, 'width' | 'height'> = { width: 0, height: 0 };
  #room: Room | undefined;
  #stale = false;

  constructor(media: OwnMedia) {
    this.#media = media;
    this.#resize = new ResizeObserver(([entry]) => {
      this.#size = entry!.contentRect;
      this.#layOut();
    });
    this.#resize.observe(this.#stage);
    media.on('changed', () => this.#refresh());
    element('view').addEventListener('click', () => this.toggleView());
    element('start-audio').addEventListener('click', () => {
      element('start-audio').hidden = true;
      for (const tile of this.#tiles.values()) tile.startSound().catch(() => (element('start-audio').hidden = false));
    });
  }

  /** Listens to a room before its first event. */
  follow(room: Room): void {
    this.#room = room;
    room.on('changed', () => this.#refresh());
    room.on('trackStarted', track => this.#play(track));
    room.on('trackEnded', track => this.#stop(track));
    room.on('participantJoined', ({ name, participant }) => {
      if (participant !== room.participant && room.state === 'connected') announce(`${name} joined`);
    });
    room.on('participantLeft', ({ participant: { name, participant } }) => {
      this.#quality.delete(participant);
      if (room.state === 'connected') announce(`${name} left`);
    });
    room.on('speakers', ({ speakers }) => {
      this.#speaking = new Set(speakers.map(speaker => speaker.participant));
      const leader = speakers.find(speaker => speaker.participant !== room.participant);
      if (leader) this.#view.spoke(leader.participant);
      this.#refresh();
    });
    room.on('quality', event => {
      this.#quality.set(event.participant, event);
      this.#refresh();
    });
  }

  toggleView(): void {
    this.#view.toggle();
    this.#tellView();
    announce(this.#view.large ? 'One person large' : 'Everybody the same size');
  }

  useSpeaker(id: string): void {
    this.#speaker = id;
    for (const tile of this.#tiles.values()) void tile.useSpeaker(id).catch(() => undefined); // Unplugged meanwhile: as before.
  }

  clear(): void {
    this.#room = undefined;
    for (const tile of this.#tiles.values()) tile.remove();
    for (const map of [this.#tiles, this.#quality, this.#playing, this.#speaking, this.#hands]) map.clear();
    this.#view.clear();
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
    const screens = room.roster.tracks.filter(track => isScreen(track) && track.kind === 'video' && !track.muted && track.participant !== room.participant);
    const present = new Set([...people.map(person => person.participant), ...screens.map(track => screenOf(track.participant))]);
    for (const [key, tile] of this.#tiles) {
      if (present.has(key)) continue;
      tile.remove();
      this.#tiles.delete(key);
    }
    this.#showHands(handsInOrder(people), room);
    for (const { participant } of screens) {
      const key = screenOf(participant);
      this.#tile(key).show({ name: this.#name(participant), own: false, screen: true, microphoneOn: true, pictureOn: true, pinned: this.#view.pinned === key });
    }
    for (const { participant } of people) this.#showPerson(participant, room);
    this.#view.update([...present], screens.map(track => screenOf(track.participant)));
    element('people-count').textContent = people.length === 1 ? '1 person' : `${people.length} people`;
    element('alone').hidden = people.length !== 1;
    this.#layOut();
  }

  #showPerson(participant: string, room: Room): void {
    const own = participant === room.participant;
    const tile = this.#tile(participant);
    const on = (kind: TrackInfo['kind']) => room.roster.tracksOf(participant).some(track => track.kind === kind && !track.muted && !isScreen(track));
    const microphone = this.#media.track('microphone');
    const quality = this.#quality.get(participant);
    const camera = own ? this.#media.mirror : null;
    if (camera) tile.play({ kind: 'video', media: camera });
    else if (own) tile.stop('video');
    tile.show({
      name: this.#name(participant),
      own,
      microphoneOn: own ? microphone !== null && microphone.enabled : on('audio'),
      pictureOn: own ? camera !== null : on('video'),
      speaking: this.#speaking.has(participant),
      pinned: this.#view.pinned === participant,
      hand: this.#hands.get(participant),
      quality: quality?.epoch === room.epoch ? quality?.quality : undefined,
    });
  }

  #showHands(hands: Map<string, number>, room: Room): void {
    const before = this.#hands;
    this.#hands = hands;
    for (const participant of hands.keys()) {
      if (participant !== room.participant && !before.has(participant) && room.state === 'connected') announce(`${this.#name(participant)} raised a hand`);
    }
  }

  #name(participant: string): string {
    return this.#room?.roster.participant(participant)?.name ?? '';
  }

  #play(track: RemoteTrack): void {
    const { participant, id } = track;
    const info = this.#room?.roster.track(id);
    const key = info && isScreen(info) ? screenOf(participant) : participant;
    this.#playing.set(track, key);
    const tile = this.#tile(key);
    tile.play(track);
    if (track.kind === 'video') this.#room?.views.show(id, tile.element);
    this.#refresh();
  }

  #stop(track: RemoteTrack): void {
    const key = this.#playing.get(track);
    this.#playing.delete(track);
    if (key !== undefined) this.#tiles.get(key)?.stop(track.kind, track.media);
  }

  #tile(key: string): Tile {
    let tile = this.#tiles.get(key);
    if (!tile) {
      const [participant, screen] = key.split(' ');
      tile = new Tile(participant!, participant === this.#room?.participant, screen !== undefined, {
        soundBlocked: () => (element('start-audio').hidden = false),
        pinToggled: () => this.#pin(key),
      });
      if (this.#speaker) void tile.useSpeaker(this.#speaker).catch(() => undefined); // Unplugged meanwhile: as before.
      this.#tiles.set(key, tile);
      this.#stage.append(tile.element);
    }
    return tile;
  }

  #pin(key: string): void {
    this.#view.pin(this.#view.pinned === key ? undefined : key);
    this.#tellView();
  }

  #tellView(): void {
    const { pinned } = this.#view;
    this.#room?.setView({ pinned: pinned === undefined ? [] : [pinned.split(' ')[0]!] });
    this.#refresh();
  }

  #layOut(): void {
    const { width, height } = this.#size;
    if (width === 0) return; // Not on the page yet.
    const keys = [...this.#tiles.keys()];
    const featured = this.#view.featured(keys, this.#room?.participant);
    // Screens first, then as they came; where there is no room for all, those with something to say go before.
    const weight = (key: string) => key === featured ? 4 : key.includes(' ') ? 3 : this.#hands.has(key) ? 2 : this.#speaking.has(key) ? 1 : 0;
    const arrange = (count: number) => (featured === undefined ? inGrid : aroundFirst)(count, Math.floor(width), Math.floor(height), gap);
    const places = arrange(keys.length);
    const chosen = new Set(places.length < keys.length ? [...keys].sort((a, b) => weight(b) - weight(a)).slice(0, places.length) : keys);
    const order = keys.filter(key => chosen.has(key)).sort((a, b) => Number(b === featured) - Number(a === featured) || Number(b.includes(' ')) - Number(a.includes(' ')));
    order.forEach((key, index) => this.#tiles.get(key)!.place(places[index], key === featured));
    for (const key of keys) if (!chosen.has(key)) this.#tiles.get(key)!.place(undefined, false);
    const hidden = keys.length - chosen.size;
    element('more-people').hidden = hidden === 0;
    element('more-people').textContent = `and ${hidden} more`;
    const button = element('view');
    button.ariaPressed = String(this.#view.large);
    button.querySelector('use')!.setAttribute('href', this.#view.large ? '#icon-grid' : '#icon-large');
    button.title = this.#view.large ? 'Everybody the same size' : 'One person large';
  }
}
