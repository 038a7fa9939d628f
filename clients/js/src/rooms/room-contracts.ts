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
  /** Not, or not only, its publisher muted it. */
  mutedByModerator?: boolean;
  /** Only a moderator ends that. */
  locked?: boolean;
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
  settings?: RoomSettings;
}

/** What a room is set to; in a change, what is absent stays. `lastN`: videos anybody is shown at most, those who spoke last. `selfUnmute` false: a moderator's mute holds. */
export interface RoomSettings { metadata?: unknown; maxPeers?: number; lastN?: number; selfUnmute?: boolean }

/** `byModerator`: a moderator did it, or ended it; `locked`: only a moderator ends it. */
export interface TrackMutedEvent { room: string; epoch: number; participant: string; track: string; muted: boolean; byModerator?: boolean; locked?: boolean }

export interface IceErrorReport { url: string; code: number; text?: string }

/** What we saw of our transport since the last report. */
export interface TransportReport {
  iceErrors: IceErrorReport[];
  restarts: number;
  selectedPair?: { local?: string; remote?: string; protocol?: string; relayUrl?: string };
}

/** Says what a sending section of the offer carries. */
export interface TrackLabel { mid: string; source: string }

export interface SectionsEvent { room: string; epoch: number; audio: number; video: number }

/** What plays in a receive section from now on; nothing when participant and track are absent. */
export interface BoundEvent { room: string; epoch: number; mid: string; participant?: string; track?: string }

/** What we can use of one track of somebody else: no more than this is sent. What is left out has no limit. */
export interface TrackWish {
  track: string;
  /** Pixels. The largest layer within the limits is sent, or else the smallest there is. */
  maxWidth?: number;
  maxHeight?: number;
  maxFps?: number;
  /** Higher first, when the bandwidth is not enough for everything. */
  priority?: number;
  /** Nobody sees it: nothing is sent. */
  paused?: boolean;
  /** Before everything that is not. */
  pinned?: boolean;
}

/** What of our own track somebody needs: encodings by rid, empty for a single stream, of which no larger picture than this is needed. */
export interface LayersEvent { room: string; epoch: number; track: string; wanted: string[]; paused: boolean; maxWidth?: number; maxHeight?: number }

/** Nothing of this track will come: this browser has no codec that plays it. */
export interface TrackUnplayableEvent { room: string; epoch: number; participant: string; track: string; codec: string }

export interface ParticipantLeftEvent { room: string; epoch: number; participant: string; reason: string }

/** Who speaks now, whoever leads first, and how loud from 0 to 1. */
export interface SpeakersEvent { room: string; epoch: number; speakers: { participant: string; level: number }[] }

/** `fair` is noticeable, with `poor` it is hard to talk. */
export type QualityLevel = 'good' | 'fair' | 'poor';

/** What makes a connection less than good. */
export type QualityReason = 'loss' | 'rtt' | 'jitter' | 'bandwidth';

/** A participant's connection became better or worse; `direction` as the participant sees it: what it sends, or what it is sent. */
export interface QualityEvent {
  room: string;
  epoch: number;
  participant: string;
  quality: QualityLevel;
  reason?: QualityReason;
  direction?: 'up' | 'down';
}

/** Events that concern one room, at one epoch of it. */
export interface RoomEvents {
  participantJoined: { room: string; epoch: number; participant: ParticipantInfo };
  participantLeft: ParticipantLeftEvent;
  participantUpdated: { room: string; epoch: number; participant: ParticipantInfo };
  trackPublished: { room: string; epoch: number; track: TrackInfo; mid?: string };
  trackUnpublished: { room: string; epoch: number; participant: string; track: string };
  trackMuted: TrackMutedEvent;
  trackUnplayable: TrackUnplayableEvent;
  sections: SectionsEvent;
  bound: BoundEvent;
  speakers: SpeakersEvent;
  quality: QualityEvent;
  layers: LayersEvent;
  /** `lost`: the node it was on is gone. */
  moved: { room: string; epoch: number; lost?: boolean };
  roomUpdated: { room: string; epoch: number; settings: RoomSettings };
}

/** @internal */
export const roomEventNames: Record<keyof RoomEvents, true> = {
  participantJoined: true,
  participantLeft: true,
  participantUpdated: true,
  trackPublished: true,
  trackUnpublished: true,
  trackMuted: true,
  trackUnplayable: true,
  sections: true,
  bound: true,
  speakers: true,
  quality: true,
  layers: true,
  moved: true,
  roomUpdated: true,
};
