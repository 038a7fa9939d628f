import type { QualityLevel, RemoteTrack } from '@realtime/client';
import type { Place } from './arrangement';
import { icon, make } from './dom';

/** What a tile says beside the picture. */
export interface TileState {
  name: string;
  own: boolean;
  microphoneOn: boolean;
  pictureOn: boolean;
  /** A screen, not a person. */
  screen?: boolean;
  speaking?: boolean;
  pinned?: boolean;
  /** Whose turn it is: 1 is next; 0: no hand is up. */
  hand?: number;
  quality?: QualityLevel;
}

export interface TileListener {
  soundBlocked(): void;
  pinToggled(): void;
}

/** One person, or one screen, on the stage: picture or initials, name, and what there is to say about them. */
export class Tile {
  readonly element = make('article', 'tile');
  readonly #video = make('video');
  readonly #audio = make('audio');
  readonly #initials = make('span', 'initials');
  readonly #name = make('span', 'name');
  readonly #muted = icon('mic-off');
  readonly #weak = icon('weak');
  readonly #hand = make('span', 'hand');
  readonly #pin = make('button', 'pin');
  readonly #listener: TileListener;
  #said = '';
  #place = '';

  constructor(participant: string, own: boolean, screen: boolean, listener: TileListener) {
    this.#listener = listener;
    this.element.dataset.testid = screen ? 'screen-tile' : 'tile';
    this.element.dataset.participant = participant;
    this.element.dataset.own = String(own);
    this.element.classList.toggle('own', own);
    this.element.classList.toggle('screen', screen);
    this.#video.dataset.testid = screen ? 'screen-video' : 'tile-video';
    this.#video.autoplay = true;
    this.#video.playsInline = true;
    this.#video.muted = true; // Sound has an element of its own, so that the picture may always play.
    this.#audio.autoplay = true;
    this.#initials.ariaHidden = 'true';
    this.#hand.dataset.testid = 'tile-hand';
    this.#hand.append(icon('hand'), make('span'));
    this.#pin.type = 'button';
    this.#pin.dataset.testid = 'tile-pin';
    this.#pin.append(icon('pin'));
    this.#pin.addEventListener('click', event => {
      event.stopPropagation();
      listener.pinToggled();
    });
    // A finger has no room for the button: the tile itself is one. With a mouse, twice.
    this.element.addEventListener('click', event => {
      if ((event as PointerEvent).pointerType === 'touch') listener.pinToggled();
    });
    this.element.addEventListener('dblclick', () => listener.pinToggled());
    this.#weak.dataset.testid = 'tile-weak';
    const plate = make('p', 'plate');
    plate.append(this.#muted, this.#weak, this.#name);
    this.element.append(this.#initials, this.#video, this.#audio, this.#hand, this.#pin, plate);
  }

  show(state: TileState): void {
    const said = JSON.stringify(state);
    if (said === this.#said) return; // Told often; most of it is as it was.
    this.#said = said;
    const { name, own, microphoneOn, pictureOn, screen = false, speaking = false, pinned = false, hand = 0, quality = 'good' } = state;
    const label = screen ? `${name}’s screen` : own ? `${name} (you)` : name;
    this.#name.textContent = label;
    this.#initials.textContent = initials(name);
    this.#muted.toggleAttribute('hidden', microphoneOn || screen);
    this.#weak.toggleAttribute('hidden', quality === 'good');
    this.#hand.hidden = hand === 0;
    this.#hand.lastElementChild!.textContent = hand > 0 ? String(hand) : '';
    this.#pin.ariaPressed = String(pinned);
    this.#pin.ariaLabel = pinned ? `Unpin ${label}` : `Pin ${label}`;
    this.#pin.title = pinned ? 'Unpin' : 'Pin';
    Object.assign(this.element.dataset, {
      name, muted: String(!microphoneOn), picture: String(pictureOn), speaking: String(speaking), pinned: String(pinned), hand: String(hand), quality,
    });
    this.element.classList.toggle('no-picture', !pictureOn);
    this.element.ariaLabel = screen ? label : [
      label, `microphone ${microphoneOn ? 'on' : 'off'}`, `camera ${pictureOn ? 'on' : 'off'}`,
      ...(hand > 0 ? ['hand raised'] : []), ...(quality === 'good' ? [] : [`${quality === 'poor' ? 'weak' : 'unsteady'} connection`]),
    ].join(', ');
  }

  /** Nothing: there is no room for it at the moment. */
  place(place: Place | undefined, large: boolean): void {
    const now = JSON.stringify([place, large]);
    if (now === this.#place) return;
    this.#place = now;
    this.element.hidden = place === undefined;
    this.element.classList.toggle('large', large);
    for (const [property, value] of Object.entries(place ?? {})) this.element.style.setProperty(property, `${value}px`);
  }

  play({ kind, media }: Pick<RemoteTrack, 'kind' | 'media'>): void {
    const player = kind === 'video' ? this.#video : this.#audio;
    const stream = player.srcObject as MediaStream | null;
    const before = stream?.getTracks()[0];
    if (before === media) return;
    if (stream && before?.readyState === 'live') {
      // Within the stream: the last picture stays until the first of the new track. A new stream would begin with none.
      stream.addTrack(media);
      stream.removeTrack(before);
      return;
    }
    player.srcObject = new MediaStream([media]);
    player.play().catch((error: unknown) => {
      // Other errors are a newer source taking this one's place.
      if (error instanceof DOMException && error.name === 'NotAllowedError') this.#listener.soundBlocked();
    });
  }

  stop(kind: RemoteTrack['kind'], media?: MediaStreamTrack): void {
    const player = kind === 'video' ? this.#video : this.#audio;
    if (media && (player.srcObject as MediaStream | null)?.getTracks()[0] !== media) return;
    player.srcObject = null;
  }

  /** After a gesture: what the browser had refused. */
  async startSound(): Promise<void> {
    if (this.#audio.srcObject) await this.#audio.play();
  }

  /** Where the sound comes out; where a browser does not let pages choose, as always. */
  async useSpeaker(id: string): Promise<void> {
    await this.#audio.setSinkId?.(id);
  }

  remove(): void {
    this.stop('audio');
    this.stop('video');
    this.element.remove();
  }
}

function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return letters.map(word => [...(word ?? '')][0] ?? '').join('').toUpperCase();
}
