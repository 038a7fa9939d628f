import type { Clock } from '../clock.js';
import type { JoinRoomResult, ParticipantInfo } from '../contracts.js';
import type { Roster } from './roster.js';

export interface OthersListener {
  came(participant: ParticipantInfo): void;
  left(participant: ParticipantInfo, reason: string): void;
  changed(): void;
}

/** Who comes and goes. When the room has moved the others are led to its new place as we were, so who is missing there is waited for. */
export class Others {
  static readonly moveWithinMs = 5_000;

  readonly #roster: Roster;
  readonly #clock: Clock;
  readonly #listener: OthersListener;
  #cancel: (() => void) | undefined;

  constructor(roster: Roster, clock: Clock, listener: OthersListener) {
    this.#roster = roster;
    this.#clock = clock;
    this.#listener = listener;
  }

  /** The room as a join answered it. */
  replace({ participants, tracks }: JoinRoomResult, moved: boolean): void {
    this.stop();
    const { joined, left } = this.#roster.replace(participants, tracks, moved);
    for (const participant of left) this.#listener.left(participant, 'left');
    for (const participant of joined) this.#listener.came(participant);
    this.#listener.changed();
    if (!moved) return;
    this.#cancel = this.#clock.after(Others.moveWithinMs, () => {
      for (const participant of this.#roster.absent) this.leave(participant, 'left');
    });
  }

  leave(participant: string, reason: string): void {
    const info = this.#roster.left(participant);
    if (!info) return;
    this.#listener.left(info, reason);
    this.#listener.changed();
  }

  stop(): void {
    this.#cancel?.();
  }
}
