import type { Clock } from '../clock.js';
import type { JoinRoomResult, ParticipantInfo } from '../contracts.js';
import type { Emitter } from '../emitter.js';
import type { RoomClientEvents } from './room-events.js';
import type { Roster } from './roster.js';

/** Who comes and goes. When the room has moved the others are led to its new place as we were, so who is missing there is waited for. */
export class Others {
  static readonly moveWithinMs = 8_000;

  readonly #room: Emitter<RoomClientEvents>;
  readonly #roster: Roster;
  readonly #clock: Clock;
  readonly #release: (participant: string) => void;
  #cancel: (() => void) | undefined;

  /** `release`: what played of somebody who left is forgotten. */
  constructor(room: Emitter<RoomClientEvents>, roster: Roster, clock: Clock, release: (participant: string) => void) {
    this.#room = room;
    this.#roster = roster;
    this.#clock = clock;
    this.#release = release;
  }

  /** The room as a join answered it. */
  replace({ participants, tracks }: JoinRoomResult, moved: boolean): void {
    this.stop();
    const { joined, left } = this.#roster.replace(participants, tracks, moved);
    for (const participant of left) this.#left(participant, 'left');
    for (const participant of joined) this.#room.emit('participantJoined', participant);
    this.#room.emit('changed', this.#roster);
    if (!moved) return;
    this.#cancel = this.#clock.after(Others.moveWithinMs, () => {
      for (const participant of this.#roster.absent) this.leave(participant, 'left');
    });
  }

  leave(participant: string, reason: string): void {
    const info = this.#roster.left(participant);
    if (!info) return;
    this.#left(info, reason);
    this.#room.emit('changed', this.#roster);
  }

  stop(): void {
    this.#cancel?.();
  }

  #left(participant: ParticipantInfo, reason: string): void {
    this.#release(participant.participant);
    this.#room.emit('participantLeft', { participant, reason });
  }
}
