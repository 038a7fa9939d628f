import type { Clock } from '../clock.js';
import type { Connection } from '../connection/connection.js';
import { PersistentTask } from '../persistent-task.js';

/** What we want to see of the others. */
export interface RoomView {
  /** Videos at most, beyond the pinned ones: those who spoke last. Absent: as the room is set. */
  lastN?: number;
  /** Participants or tracks that are shown whoever speaks, the most important first; at most 16. */
  pinned?: string[];
}

/** What a room knows of us beside our tracks: who we say we are, and what we want to see. Told anew to every copy of the room that we join. */
export class OwnPresence {
  /** Told with each join. */
  metadata: unknown;
  readonly #room: string;
  readonly #connection: Connection;
  readonly #tell: PersistentTask;
  #view: RoomView | undefined;
  #inRoom = false;

  constructor(room: string, clock: Clock, connection: Connection) {
    this.#room = room;
    this.#connection = connection;
    this.#tell = new PersistentTask(
      clock,
      async () => {
        if (this.#inRoom && this.#view) await connection.invoke('SetView', { room, ...this.#view });
      },
      () => undefined); // A view that the server refuses is nothing to end a call for: everything is shown.
  }

  async setMetadata(metadata: unknown): Promise<void> {
    await this.#connection.invoke('SetParticipant', { room: this.#room, metadata });
    this.metadata = metadata;
  }

  setView(view: RoomView): void {
    this.#view = view;
    this.#tell.request();
  }

  joined(): void {
    this.#inRoom = true;
    if (this.#view) this.#tell.requestNow();
  }

  stop(): void {
    this.#tell.stop();
  }
}
