import type { LayersEvent, MediaKind, VideoCodec } from '../contracts.js';
import type { SendOptions } from './local-track.js';

/** A box that a picture is fitted into, whichever way the camera is held (WebRTC extensions, RTCResolutionRestriction). */
interface PictureBox { maxWidth: number; maxHeight: number }

/** What of a track somebody needs, as its room says. */
export type Demand = Pick<LayersEvent, 'wanted' | 'paused' | 'maxWidth' | 'maxHeight'>;

/** With members that the compiler's library does not know yet. */
interface Encoding extends RTCRtpEncodingParameters { scalabilityMode?: string; scaleResolutionDownTo?: PictureBox }

/** Of a simulcast, smallest first: each a quarter of the next one's picture. */
const encodings = [
  { rid: 'q', scaleResolutionDownBy: 4, share: 1 / 8 },
  { rid: 'h', scaleResolutionDownBy: 2, share: 1 / 3 },
  { rid: 'f', scaleResolutionDownBy: 1, share: 1 },
] as const;

/** Of a picture of 640 × 360; asked for by nobody, the browser's own idea for the smaller ones is too much. */
const defaultBitrate = 800_000;

/** What a sending section is made with. Of a simulcast only the full picture is encoded until the server says that somebody needs another. */
export function addSending(pc: RTCPeerConnection, kind: MediaKind, media: MediaStreamTrack | MediaKind, options: SendOptions): RTCRtpTransceiver {
  const transceiver = pc.addTransceiver(media, { direction: 'sendonly', ...(kind === 'video' ? { sendEncodings: encodingsFor(options) } : {}) });
  if (kind === 'video') prefer(transceiver, options.codec ?? 'vp8');
  return transceiver;
}

function encodingsFor({ codec = 'vp8', maxBitrate, simulcast, scalabilityMode }: SendOptions): Encoding[] {
  const limit = maxBitrate ? { maxBitrate } : {};
  if (scalabilityMode) return [{ ...limit, scalabilityMode }];
  // Several encodings of VP9 or AV1 are not simulcast to every browser.
  if (!(simulcast ?? true) || (codec !== 'vp8' && codec !== 'h264')) return [limit];
  return encodings.map(({ rid, scaleResolutionDownBy, share }) =>
    ({ rid, scaleResolutionDownBy, maxBitrate: Math.round((maxBitrate ?? defaultBitrate) * share), active: scaleResolutionDownBy === 1 }));
}

/** The others stay in the offer behind it: the server takes the first that everybody can play. */
function prefer(transceiver: RTCRtpTransceiver, codec: VideoCodec): void {
  const codecs = globalThis.RTCRtpReceiver?.getCapabilities?.('video')?.codecs;
  if (!codecs) return;
  const isPreferred = ({ mimeType }: RTCRtpCodec) => mimeType.toLowerCase() === `video/${codec}`;
  transceiver.setCodecPreferences([...codecs.filter(isPreferred), ...codecs.filter(other => !isPreferred(other))]);
}

/**
 * Boxes for the sizes of a simulcast. With `scaleResolutionDownBy` alone, Chromium leaves out the largest encoding of a picture below 960 × 540 as soon as a
 * smaller one is encoded beside it; sizes that are named it takes as they are. The full one keeps whatever the camera turns to.
 */
function boxFor({ rid }: Encoding, { width = 0, height = 0 }: MediaTrackSettings): PictureBox | undefined {
  const scale = encodings.find(known => known.rid === rid)?.scaleResolutionDownBy;
  if (!scale || width === 0 || height === 0) return undefined;
  return scale === 1 ? { maxWidth: 16_384, maxHeight: 16_384 } : { maxWidth: Math.ceil(width / scale), maxHeight: Math.ceil(height / scale) };
}

/** Whether anything is to be changed. */
export function change(encodings: Encoding[], wanted: Demand, scalabilityMode: string | undefined, media: MediaStreamTrack | null): boolean {
  let changed = false;
  const set = <Key extends keyof Encoding>(encoding: Encoding, key: Key, value: Encoding[Key]) => {
    if (encoding[key] === value) return;
    encoding[key] = value;
    changed = true;
  };
  for (const encoding of encodings) {
    set(encoding, 'active', encoding.rid === undefined || wanted.wanted.length === 0 ? !wanted.paused : wanted.wanted.includes(encoding.rid));
    const box = boxFor(encoding, media?.getSettings() ?? {});
    const had = encoding.scaleResolutionDownTo;
    if (box && (box.maxWidth !== had?.maxWidth || box.maxHeight !== had.maxHeight)) set(encoding, 'scaleResolutionDownTo', box);
    if (!scalabilityMode || wanted.paused) continue;
    const layers = layersFor(scalabilityMode, wanted, media);
    set(encoding, 'scalabilityMode', layers.mode);
    set(encoding, 'scaleResolutionDownBy', layers.scale);
  }
  return changed;
}

/** The spatial layers of a scalable stream that are of use: those above are not encoded at all. */
export function layersFor(
  mode: string, { maxWidth, maxHeight }: Pick<LayersEvent, 'maxWidth' | 'maxHeight'>, media: Pick<MediaStreamTrack, 'getSettings'> | null,
): { mode: string; scale: number } {
  const [, spatial, rest] = /^[LS](\d)(.*)$/.exec(mode) ?? [];
  const { width = 0, height = 0 } = media?.getSettings() ?? {};
  let layers = Number(spatial ?? 1);
  if (layers === 1 || !maxWidth || !maxHeight || width === 0 || height === 0) return { mode, scale: 1 };
  const [long, short] = [Math.max(width, height), Math.min(width, height)];
  const [maxLong, maxShort] = [Math.max(maxWidth, maxHeight), Math.min(maxWidth, maxHeight)];
  let scale = 1;
  while (layers > 1 && (long / scale > maxLong || short / scale > maxShort)) {
    layers--;
    scale *= 2;
  }
  return { mode: layers > 1 ? `${mode[0]}${layers}${rest}` : `L1${rest!.replace(/_KEY.*|h.*/, '')}`, scale };
}
