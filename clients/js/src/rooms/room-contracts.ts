/** The records of the hub that concern rooms, as in Realtime.Contracts. */

export type MediaKind = 'audio' | 'video';

/** What video is encoded with, as TrackInfo names it. */
export type VideoCodec = 'vp8' | 'h264' | 'vp9' | 'av1';

export interface ParticipantInfo { participant: string; user: string; name: string; joinedAt: string; metadata?: unknown }

export interface TrackInfo {
  track: string;
  participant: string;
  kind: MediaKind;
  codec: string;
  muted: boolean;
  source?: string;
}

export interface IceServer { urls: string[]; username?: string; credential?: string }

export interface JoinRoomResult {
  room: string;
  epoch: number;
  participant: string;
  iceServers: IceServer[];
  participants: ParticipantInfo[];
  tracks: TrackInfo[];
  /** The answer, when the request carried an offer. */
  sdp?: string;
}

/** Says what a sending section of the offer carries. */
export interface TrackLabel { mid: string; source: string }

export interface SectionsEvent { room: string; epoch: number; audio: number; video: number }

/** What plays in a receive section from now on; nothing when participant and track are absent. */
export interface BoundEvent { room: string; epoch: number; mid: string; participant?: string; track?: string }

/** Nothing of this track will come: this browser has no codec that plays it. */
export interface TrackUnplayableEvent { room: string; epoch: number; participant: string; track: string; codec: string }

export interface ParticipantLeftEvent { room: string; epoch: number; participant: string; reason: string }

/** Events that concern one room, at one epoch of it. */
export interface RoomEvents {
  participantJoined: { room: string; epoch: number; participant: ParticipantInfo };
  participantLeft: ParticipantLeftEvent;
  trackPublished: { room: string; epoch: number; track: TrackInfo; mid?: string };
  trackUnpublished: { room: string; epoch: number; participant: string; track: string };
  trackMuted: { room: string; epoch: number; participant: string; track: string; muted: boolean };
  trackUnplayable: TrackUnplayableEvent;
  sections: SectionsEvent;
  bound: BoundEvent;
  moved: { room: string; epoch: number };
}

/** @internal */
export const roomEventNames: Record<keyof RoomEvents, true> = {
  participantJoined: true,
  participantLeft: true,
  trackPublished: true,
  trackUnpublished: true,
  trackMuted: true,
  trackUnplayable: true,
  sections: true,
  bound: true,
  moved: true,
};
