import type { Clock } from '../clock.js';
import type { LayersEvent, RoomEvents } from '../contracts.js';
import { PersistentTask } from '../persistent-task.js';
import type { LocalTrack } from './local-track.js';
import type { RoomLink } from './room-link.js';

/** Our own tracks in a room: their ids, and telling the room whether they are muted until it knows. */
export class OwnTracks {
  readonly #tracks: LocalTrack[] = [];
  /** Track id → what the server believes. */
  readonly #told = new Map<string, boolean>();
  readonly #tell: PersistentTask;

  constructor(clock: Clock, setTrack: (track: string, muted: boolean) => Promise<unknown>) {
    this.#tell = new PersistentTask(
      clock,
      () => this.#tellNow(setTrack),
      () => undefined); // A mute that the server refuses is nothing to end a call for: nothing is sent while muted.
  }

  get all(): readonly LocalTrack[] {
    return this.#tracks;
  }

  add(track: LocalTrack): void {
    this.#tracks.push(track);
  }

  /** False: none of ours. */
  remove(track: LocalTrack): boolean {
    const at = this.#tracks.indexOf(track);
    if (at < 0) return false;
    this.#tracks.splice(at, 1);
    return true;
  }

  /** Adds to a link what it does not send yet; says whether that was anything. */
  publishOn(link: RoomLink): boolean {
    return this.#tracks.filter(track => link.publish(track)).length > 0;
  }

  /** A new presence: the tracks get new ids there. */
  forget(): void {
    this.#told.clear();
    for (const track of this.#tracks) track.id = undefined;
  }

  /** The server says which track a sending section of ours became, and what it believes about it. */
  published(link: RoomLink, { track: { track: id, participant, muted }, mid }: RoomEvents['trackPublished']): void {
    const track = mid === undefined || participant !== link.participant ? undefined : link.sentAs(mid);
    if (!track) return;
    track.id = id;
    this.#told.set(id, muted);
    if (track.muted !== muted) this.#tell.request();
  }

  /** What somebody needs of one of them. */
  needed(link: RoomLink, wanted: LayersEvent): void {
    const track = this.#tracks.find(({ id }) => id === wanted.track);
    if (track) link.demand(track, wanted).catch(() => undefined); // Closed meanwhile.
  }

  /** A moderator muted one of ours, or ended that. Nothing: it is not ours, or nothing new. */
  moderated(id: string, muted: boolean): LocalTrack | undefined {
    const track = this.#tracks.find(one => one.id === id);
    if (!track || this.#told.get(id) === muted) return undefined;
    this.#told.set(id, muted);
    // Unmuted is only who wants to be.
    if (muted) track.setMuted(true);
    return track;
  }

  muteChanged(): void {
    this.#tell.request();
  }

  signalingReturned(): void {
    this.#tell.requestNow();
  }

  stop(): void {
    this.#tell.stop();
  }

  async #tellNow(setTrack: (track: string, muted: boolean) => Promise<unknown>): Promise<void> {
    for (const { id, muted } of this.#tracks) {
      if (id === undefined || this.#told.get(id) === muted) continue;
      await setTrack(id, muted);
      this.#told.set(id, muted);
    }
  }
}
