import type { Clock } from '../clock.js';
import { PersistentTask } from '../persistent-task.js';

/** What we want to see of the others. */
export interface RoomView {
  /** Videos at most, beyond the pinned ones: those who spoke last. Absent: as the room is set. */
  lastN?: number;
  /** Participants or tracks that are shown whoever speaks, the most important first; at most 16. */
  pinned?: string[];
}

export interface OwnPresenceCalls {
  setMetadata: (metadata: unknown) => Promise<unknown>;
  setView: (view: RoomView) => Promise<unknown>;
}

/** What a room knows of us beside our tracks: who we say we are, and what we want to see. Told anew to every copy of the room that we join. */
export class OwnPresence {
  /** Told with each join. */
  metadata: unknown;
  readonly #calls: OwnPresenceCalls;
  readonly #tell: PersistentTask;
  #view: RoomView | undefined;
  #inRoom = false;

  constructor(clock: Clock, calls: OwnPresenceCalls) {
    this.#calls = calls;
    this.#tell = new PersistentTask(
      clock,
      async () => {
        if (this.#inRoom && this.#view) await this.#calls.setView(this.#view);
      },
      () => undefined); // A view that the server refuses is nothing to end a call for: everything is shown.
  }

  async setMetadata(metadata: unknown): Promise<void> {
    await this.#calls.setMetadata(metadata);
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
