import type { ParticipantInfo, TrackInfo } from '../contracts.js';

/** Who is in the room and what they publish. Every event can be taken twice; the answer says whether it was news. */
export class Roster {
  readonly #participants = new Map<string, ParticipantInfo>();
  readonly #tracks = new Map<string, TrackInfo>();
  readonly #awaited = new Set<string>();

  /** Who was in the room before it moved and has not been seen since. */
  get absent(): string[] {
    return [...this.#awaited];
  }

  get participants(): ParticipantInfo[] {
    return [...this.#participants.values()];
  }

  get tracks(): TrackInfo[] {
    return [...this.#tracks.values()];
  }

  participant(id: string): ParticipantInfo | undefined {
    return this.#participants.get(id);
  }

  track(id: string): TrackInfo | undefined {
    return this.#tracks.get(id);
  }

  tracksOf(participant: string): TrackInfo[] {
    return this.tracks.filter(track => track.participant === participant);
  }

  joined(info: ParticipantInfo): boolean {
    const news = !this.#participants.has(info.participant);
    this.#awaited.delete(info.participant);
    this.#participants.set(info.participant, info);
    return news;
  }

  /** False: nobody who is here. */
  updated(info: ParticipantInfo): boolean {
    if (!this.#participants.has(info.participant)) return false;
    this.#participants.set(info.participant, info);
    return true;
  }

  left(participant: string): ParticipantInfo | undefined {
    const info = this.#participants.get(participant);
    this.#awaited.delete(participant);
    this.#participants.delete(participant);
    for (const track of this.tracksOf(participant)) this.#tracks.delete(track.track);
    return info;
  }

  published(track: TrackInfo): boolean {
    const known = this.#tracks.get(track.track);
    this.#tracks.set(track.track, track);
    return !known || known.muted !== track.muted;
  }

  unpublished(track: string): boolean {
    return this.#tracks.delete(track);
  }

  muted(track: string, muted: boolean): boolean {
    const known = this.#tracks.get(track);
    if (!known || known.muted === muted) return false;
    this.#tracks.set(track, { ...known, muted });
    return true;
  }

  /**
   * The room as a join answered it; returns who came and who went. With `awaited`, of a room that has just moved, nobody has gone: who is missing is on the way, and
   * `absent` says later who is not.
   */
  replace(participants: ParticipantInfo[], tracks: TrackInfo[], awaited = false): { joined: ParticipantInfo[]; left: ParticipantInfo[] } {
    const now = new Set(participants.map(p => p.participant));
    const missing = this.participants.filter(p => !now.has(p.participant));
    const joined = participants.filter(p => !this.#participants.has(p.participant));
    this.#awaited.clear();
    if (awaited) for (const { participant } of missing) this.#awaited.add(participant);
    const left = awaited ? [] : missing;
    for (const { participant } of left) this.#participants.delete(participant);
    this.#tracks.clear();
    for (const participant of participants) this.#participants.set(participant.participant, participant);
    for (const track of tracks) this.#tracks.set(track.track, track);
    return { joined, left };
  }
}
