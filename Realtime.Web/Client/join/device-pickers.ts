import { element, make } from './dom';
import type { Device, OwnMedia } from './own-media';

export type Pickable = Device | 'speaker';

const kinds: Record<Pickable, MediaDeviceKind> = { microphone: 'audioinput', camera: 'videoinput', speaker: 'audiooutput' };

/** Lists of devices; they follow what is plugged in and what was allowed. */
export class DevicePickers {
  readonly #media: OwnMedia;
  readonly #selects: [Pickable, HTMLSelectElement][];

  /** @param ids The ids of the lists in the page. */
  constructor(media: OwnMedia, ids: Partial<Record<Pickable, string>>, speakerChosen?: (id: string) => void) {
    this.#media = media;
    this.#selects = (Object.entries(ids) as [Pickable, string][]).map(([device, id]) => [device, element<HTMLSelectElement>(id)]);
    for (const [device, select] of this.#selects) {
      select.addEventListener('change', () => {
        if (device === 'speaker') speakerChosen?.(select.value);
        else void media.choose(device, select.value);
      });
    }
    media.on('changed', () => void this.refresh());
    navigator.mediaDevices?.addEventListener('devicechange', () => void this.refresh());
  }

  async refresh(): Promise<void> {
    const found = await navigator.mediaDevices?.enumerateDevices() ?? [];
    for (const [device, select] of this.#selects) {
      const options = found.filter(one => one.kind === kinds[device]).map((one, index) => {
        const option = make('option', '', one.label || `${device[0]!.toUpperCase()}${device.slice(1)} ${index + 1}`);
        option.value = one.deviceId;
        return option;
      });
      const chosen = device === 'speaker' ? select.value : this.#media.chosen(device);
      select.disabled = options.length === 0;
      select.replaceChildren(...(options.length > 0 ? options : [make('option', '', `No ${device} found`)]));
      if (options.some(option => option.value === chosen)) select.value = chosen;
    }
  }
}
