import type { RemoteTrack } from '@realtime/client';
import { icon, make } from './dom';

/** One person in the grid: picture or initials, name, whether the microphone is off. */
export class Tile {
  readonly element = make('article', 'tile');
  readonly #video = make('video');
  readonly #audio = make('audio');
  readonly #initials = make('span', 'initials');
  readonly #name = make('span');
  readonly #muted = icon('mic-off');
  readonly #soundBlocked: () => void;

  constructor(participant: string, own: boolean, soundBlocked: () => void) {
    this.#soundBlocked = soundBlocked;
    this.element.dataset.testid = 'tile';
    this.element.dataset.participant = participant;
    this.element.dataset.own = String(own);
    this.element.classList.toggle('own', own);
    this.#video.dataset.testid = 'tile-video';
    this.#video.autoplay = true;
    this.#video.playsInline = true;
    this.#video.muted = true; // Sound has an element of its own, so that the picture may always play.
    this.#audio.autoplay = true;
    this.#initials.ariaHidden = 'true';
    const plate = make('p', 'plate');
    plate.append(this.#muted, this.#name);
    this.element.append(this.#initials, this.#video, this.#audio, plate);
  }

  show(name: string, own: boolean, microphoneOn: boolean, pictureOn: boolean): void {
    const label = own ? `${name} (you)` : name;
    this.#name.textContent = label;
    this.#initials.textContent = initials(name);
    this.#muted.toggleAttribute('hidden', microphoneOn);
    this.element.dataset.name = name;
    this.element.dataset.muted = String(!microphoneOn);
    this.element.dataset.picture = String(pictureOn);
    this.element.classList.toggle('no-picture', !pictureOn);
    this.element.ariaLabel = `${label}, microphone ${microphoneOn ? 'on' : 'off'}, camera ${pictureOn ? 'on' : 'off'}`;
  }

  play({ kind, media }: Pick<RemoteTrack, 'kind' | 'media'>): void {
    const player = kind === 'video' ? this.#video : this.#audio;
    if ((player.srcObject as MediaStream | null)?.getTracks()[0] === media) return;
    player.srcObject = new MediaStream([media]);
    player.play().catch((error: unknown) => {
      // Other errors are a newer source taking this one's place.
      if (error instanceof DOMException && error.name === 'NotAllowedError') this.#soundBlocked();
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
