import type { Connection } from '../connection/connection.js';
import type { RoomSettings } from '../contracts.js';

/** What moderators do in a call; the server refuses it to everybody else. */
export class RoomModeration {
  readonly #room: string;
  readonly #connection: Connection;

  /** @internal */
  constructor(room: string, connection: Connection) {
    this.#room = room;
    this.#connection = connection;
  }

  /** `locked`: only a moderator ends it. Nobody is unmuted who muted themselves. */
  async mute(track: string, muted = true, locked?: boolean): Promise<void> {
    await this.#connection.invoke('MuteTrack', { room: this.#room, track, muted, locked });
  }

  /** Out of the call. */
  async kick(participant: string, reason?: string): Promise<void> {
    await this.#connection.invoke('KickParticipant', { room: this.#room, participant, reason });
  }

  /** The call ends for everybody. */
  async close(reason?: string): Promise<void> {
    await this.#connection.invoke('CloseRoom', { room: this.#room, reason });
  }

  /** What is absent stays as it is. */
  async set(settings: RoomSettings): Promise<void> {
    await this.#connection.invoke('SetRoom', { room: this.#room, settings });
  }

  /** Somebody else's. */
  async setMetadata(participant: string, metadata: unknown): Promise<void> {
    await this.#connection.invoke('SetParticipant', { room: this.#room, metadata, participant });
  }
}
