import { RealtimeError } from '@realtime/client';
import { DevicePickers } from './device-pickers';
import { element, showToggle } from './dom';
import { LevelMeter } from './level-meter';
import { recall, remember } from './memory';
import type { CallPlace } from './place';
import type { Device, OwnMedia } from './own-media';
import { explain, explainDevice } from './words';

export interface JoinWish { name: string; room: string }

const roomRule = /^[A-Za-z0-9._-]{1,64}$/;

/** The page before the call: who, where, with which devices. */
export class Lobby {
  readonly #media: OwnMedia;
  readonly #expected: (wish: JoinWish) => Promise<void>;
  readonly #join: (wish: JoinWish) => Promise<void>;
  readonly #meter = new LevelMeter(element('mic-level'));
  readonly #name = element<HTMLInputElement>('name');
  readonly #room = element<HTMLInputElement>('room');
  readonly #button = element<HTMLButtonElement>('join');
  readonly #wanted: Record<Device, boolean>;
  /** What the browser threw for the devices that did not open. */
  readonly #problems = new Map<Device, unknown>();
  #shown = true;

  /** @param before Of a call that is come back to: the devices as they were. */
  constructor(
    media: OwnMedia, query: URLSearchParams, before: CallPlace | undefined, expected: (wish: JoinWish) => Promise<void>, join: (wish: JoinWish) => Promise<void>,
  ) {
    this.#media = media;
    this.#wanted = { microphone: before?.microphone ?? true, camera: before?.camera ?? true };
    this.#expected = expected;
    this.#join = join;
    this.#name.value = query.get('name') ?? recall('name');
    this.#room.value = query.get('room') ?? 'lounge';
    new DevicePickers(media, { microphone: 'microphone', camera: 'camera' });
    media.on('changed', device => this.#mediaChanged(device));
    media.on('problem', ({ device, thrown }) => {
      this.#problems.set(device, thrown);
      this.#showProblems();
    });
    element('device-retry').addEventListener('click', () => void this.#retry());
    void this.#watchPermissions();
    for (const input of [this.#name, this.#room]) input.addEventListener('change', () => void this.expect());
    element('join-form').addEventListener('submit', event => {
      event.preventDefault();
      void this.submit();
    });
    element('lobby-mic').addEventListener('click', () => void this.#toggle('microphone'));
    element('lobby-camera').addEventListener('click', () => void this.#toggle('camera'));
    for (const device of ['microphone', 'camera'] as const) this.#mediaChanged(device);
  }

  /** Opens the devices that are wanted, each by itself: one that fails does not take the other along. */
  async openDevices(): Promise<void> {
    await Promise.all((['microphone', 'camera'] as const).filter(device => this.#wanted[device]).map(device => this.#media.open(device)));
  }

  async submit(): Promise<void> {
    const wish = this.#wish();
    const named = this.#mark(this.#name, wish.name ? '' : 'How should the others call you?');
    const placed = this.#mark(this.#room, roomRule.test(wish.room) ? '' : 'Letters, digits, dots, dashes and underscores, at most 64.');
    if (!named || !placed) return (named ? this.#room : this.#name).focus();
    remember('name', wish.name);
    this.#show('join-problem', '');
    this.#button.disabled = true;
    this.#button.textContent = 'Joining…';
    try {
      await this.#join(wish);
    } catch (thrown) {
      this.#refused(RealtimeError.from(thrown));
    } finally {
      this.#button.disabled = false;
      this.#button.textContent = 'Join';
    }
  }

  hide(): void {
    this.#shown = false;
    this.#meter.stop();
    element('lobby').hidden = true;
    element<HTMLVideoElement>('preview-video').srcObject = null;
  }

  /** Back from the call; `problem` says why, when it was nobody's wish. */
  show(problem = ''): void {
    this.#shown = true;
    element('lobby').hidden = false;
    this.#show('join-problem', problem);
    for (const device of ['microphone', 'camera'] as const) this.#mediaChanged(device);
    this.#button.focus();
    void this.expect();
  }

  /** Says who is likely to join, once that is known; resolves to whether it is, when all is prepared for them. */
  async expect(): Promise<boolean> {
    const wish = this.#wish();
    if (!this.#shown || !wish.name || !roomRule.test(wish.room)) return false;
    await this.#expected(wish);
    return true;
  }

  #wish(): JoinWish {
    return { name: this.#name.value.trim(), room: this.#room.value.trim() };
  }

  #refused(error: RealtimeError): void {
    const input = error.field === 'name' ? this.#name : error.field === 'room' ? this.#room : undefined;
    if (!input) return this.#show('join-problem', explain(error));
    this.#mark(input, explain(error));
    input.focus();
  }

  #mark(input: HTMLInputElement, mistake: string): boolean {
    input.setAttribute('aria-invalid', String(mistake !== ''));
    this.#show(`${input.id}-error`, mistake);
    return mistake === '';
  }

  async #toggle(device: Device): Promise<void> {
    this.#wanted[device] = this.#media.track(device) === null;
    this.#problems.delete(device);
    this.#showProblems();
    if (this.#wanted[device]) await this.#media.open(device);
    else this.#media.close(device);
  }

  #showProblems(): void {
    const [first, second] = [...this.#problems];
    const nameOf = (thrown: unknown) => thrown instanceof DOMException ? thrown.name : '';
    const text = !first ? '' : !second ? explainDevice(...first)
      : nameOf(first[1]) === nameOf(second[1]) ? explainDevice('microphone and camera', first[1])
        : `${explainDevice(...first)} ${explainDevice(...second)}`;
    this.#show('device-problem', text);
    element('device-retry').hidden = text === '';
  }

  /** What is wanted and did not open. */
  async #retry(): Promise<void> {
    this.#problems.clear();
    this.#showProblems();
    await Promise.all((['microphone', 'camera'] as const).filter(device => this.#wanted[device] && !this.#media.track(device)).map(device => this.#media.open(device)));
  }

  /** Whoever allows the devices in the browser's own settings need not say so here again. */
  async #watchPermissions(): Promise<void> {
    for (const name of ['microphone', 'camera']) {
      try {
        const status = await navigator.permissions.query({ name: name as PermissionName });
        status.addEventListener('change', () => {
          if (this.#shown && status.state === 'granted' && !element('device-problem').hidden) void this.#retry();
        });
      } catch {
        return; // This browser tells nothing of it: there is the button.
      }
    }
  }

  #mediaChanged(device: Device): void {
    if (!this.#shown) return;
    const track = this.#media.track(device);
    if (device === 'microphone') {
      showToggle(element('lobby-mic'), track !== null, 'mic');
      return this.#meter.show(track);
    }
    showToggle(element('lobby-camera'), track !== null, 'camera');
    const video = element<HTMLVideoElement>('preview-video');
    const { mirror } = this.#media;
    video.srcObject = mirror && new MediaStream([mirror]);
    video.parentElement?.classList.toggle('off', track === null);
  }

  #show(id: string, text: string): void {
    const line = element(id);
    line.textContent = text;
    line.hidden = text === '';
  }
}
