import type { RoomEvent, TrackMutedEvent } from '../contracts.js';
import type { Emitter } from '../emitter.js';
import type { OwnTracks } from './own-tracks.js';
import type { RoomClientEvents } from './room-events.js';
import type { RoomLink } from './room-link.js';
import type { Roster } from './roster.js';

/** What happens in the room goes into the roster, to the link it concerns, and on to the application. */
export class RoomNews {
  readonly #room: Emitter<RoomClientEvents>;
  readonly #roster: Roster;
  readonly #own: OwnTracks;

  constructor(room: Emitter<RoomClientEvents>, roster: Roster, own: OwnTracks) {
    this.#room = room;
    this.#roster = roster;
    this.#own = own;
  }

  take(link: RoomLink, event: Exclude<RoomEvent, { name: 'participantLeft' }>): void {
    const { name, payload } = event;
    switch (name) {
      case 'moved':
        return; // To the epoch we are in already.
      case 'sections':
        return link.needSections(payload);
      case 'bound':
        return link.bind(payload);
      case 'trackUnplayable':
      case 'speakers':
      case 'quality':
        return this.#room.emit(name, payload);
      case 'participantJoined':
        if (this.#roster.joined(payload.participant)) this.#room.emit('participantJoined', payload.participant);
        break;
      case 'participantUpdated':
        if (!this.#roster.updated(payload.participant)) return;
        this.#room.emit('participantUpdated', payload.participant);
        break;
      case 'layers':
        return this.#own.needed(link, payload);
      case 'trackPublished':
        this.#roster.published(payload.track);
        this.#own.published(link, payload);
        break;
      case 'trackUnpublished':
        this.#roster.unpublished(payload.track);
        break;
      case 'trackMuted':
        this.#roster.muted(payload.track, payload.muted);
        if (payload.byModerator) this.#moderated(payload);
        break;
      case 'roomUpdated':
        return this.#room.emit('settings', payload.settings);
    }
    this.#room.emit('changed', this.#roster);
  }

  #moderated({ track, muted, locked }: TrackMutedEvent): void {
    const own = this.#own.moderated(track, muted);
    if (own) this.#room.emit('moderated', { track: own, muted, locked: locked ?? false });
  }
}
