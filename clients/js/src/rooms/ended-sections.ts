import type { LocalTrack } from './local-track.js';
import type { SendDemand } from './send-demand.js';

interface EndedSection { track: LocalTrack; section: RTCRtpTransceiver; demand: SendDemand | undefined }

/** Sending sections whose track ended, to be used again by the next of the same source. */
export class EndedSections {
  readonly #sections: EndedSection[] = [];

  add(ended: EndedSection): void {
    this.#sections.push(ended);
  }

  /** One in which this track can be sent; nothing: it gets one of its own. */
  take(track: LocalTrack): EndedSection | undefined {
    const at = this.#sections.findIndex(({ track: before }) => isSentAlike(before, track));
    return at < 0 ? undefined : this.#sections.splice(at, 1)[0];
  }
}

/** Whether one can be sent where the other was. Of several encodings the new ones would begin as the old ones were left: they get a section of their own. */
function isSentAlike(before: LocalTrack, track: LocalTrack): boolean {
  return before.kind === track.kind && before.source === track.source && before.codec === track.codec
    && (track.kind === 'audio' || (before.simulcast === false && track.simulcast === false && !before.scalabilityMode && !track.scalabilityMode));
}
