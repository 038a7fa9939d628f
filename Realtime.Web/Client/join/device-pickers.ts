import { element, make } from './dom';
import type { Device, OwnMedia } from './own-media';

const kinds: Record<Device, MediaDeviceKind> = { microphone: 'audioinput', camera: 'videoinput' };

/** The two lists of devices; they follow what is plugged in and what was allowed. */
export class DevicePickers {
  readonly #media: OwnMedia;

  constructor(media: OwnMedia) {
    this.#media = media;
    for (const device of Object.keys(kinds) as Device[]) {
      const select = element<HTMLSelectElement>(device);
      select.addEventListener('change', () => void media.choose(device, select.value));
    }
    media.on('changed', () => void this.refresh());
    navigator.mediaDevices?.addEventListener('devicechange', () => void this.refresh());
  }

  async refresh(): Promise<void> {
    const found = await navigator.mediaDevices?.enumerateDevices() ?? [];
    for (const device of Object.keys(kinds) as Device[]) {
      const options = found.filter(one => one.kind === kinds[device]).map((one, index) => {
        const option = make('option', '', one.label || `${device === 'camera' ? 'Camera' : 'Microphone'} ${index + 1}`);
        option.value = one.deviceId;
        return option;
      });
      const select = element<HTMLSelectElement>(device);
      select.disabled = options.length === 0;
      select.replaceChildren(...(options.length > 0 ? options : [make('option', '', `No ${device} found`)]));
      const chosen = this.#media.chosen(device);
      if (options.some(option => option.value === chosen)) select.value = chosen;
    }
  }
}
