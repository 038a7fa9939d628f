import { DevicePickers } from './device-pickers';
import { element } from './dom';
import type { OwnMedia } from './own-media';

/** The dialog in which devices are changed during the call. */
export class Settings {
  readonly #dialog = element<HTMLDialogElement>('settings');
  readonly #pickers: DevicePickers;

  constructor(media: OwnMedia, speakerChosen: (id: string) => void) {
    const choosable = typeof HTMLMediaElement.prototype.setSinkId === 'function';
    element('speaker-row').hidden = !choosable;
    this.#pickers = new DevicePickers(media, { microphone: 'call-microphone', camera: 'call-camera', ...(choosable ? { speaker: 'call-speaker' } : {}) }, speakerChosen);
    element('settings-open').addEventListener('click', () => this.open());
    // A click beside the dialog is one on the dialog itself, outside its box.
    this.#dialog.addEventListener('click', event => {
      if (event.target === this.#dialog) this.#dialog.close();
    });
  }

  open(): void {
    void this.#pickers.refresh();
    this.#dialog.showModal();
  }

  close(): void {
    this.#dialog.close();
  }
}
