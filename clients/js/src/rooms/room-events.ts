import type { Clock } from '../clock.js';
import type { Connection } from '../connection/connection.js';
import type { ParticipantInfo, QualityEvent, RoomSettings, SpeakersEvent, TrackUnplayableEvent } from '../contracts.js';
import type { RealtimeError } from '../errors.js';
import type { KnownIceServers } from './known-ice-servers.js';
import type { LocalTrack, SendOptions } from './local-track.js';
import type { Roster } from './roster.js';
import type { RemoteTrack } from './stage.js';

/** Reasons for which the server ends a presence and coming back is right. */
export const comeBackAfter: ReadonlySet<string> = new Set(['transportClosed', 'consentExpired', 'sessionEnded', 'fault', 'roomClosed']);

export type RoomState = 'joining' | 'connecting' | 'connected' | 'interrupted' | 'left' | 'failed';

export interface RoomClientEvents {
  state: { state: RoomState; error?: RealtimeError };
  participantJoined: ParticipantInfo;
  participantLeft: { participant: ParticipantInfo; reason: string };
  /** Their metadata is another now. */
  participantUpdated: ParticipantInfo;
  /** A track starts to play; the same one again after the room moved. */
  trackStarted: RemoteTrack;
  trackEnded: RemoteTrack;
  /** A track of somebody else that will not come: this browser cannot play its codec. */
  trackUnplayable: TrackUnplayableEvent;
  /** Who speaks now, whoever leads first. */
  speakers: SpeakersEvent;
  /** Somebody's connection, or ours, became better or worse, and why. */
  quality: QualityEvent;
  /** What the room is set to, after the join and after a change. */
  settings: RoomSettings;
  /** A moderator muted one of our tracks, or ended that; `locked`: we cannot. */
  moderated: { track: LocalTrack; muted: boolean; locked: boolean };
  /** Who is here, what they publish, what is muted: something of that changed. */
  changed: Roster;
}

/** `codec`: which to send video with, when everybody in the room can play it. Default `vp8`, which every browser sends and plays. */
export interface PublishOptions extends SendOptions { source?: string; muted?: boolean }

/** @internal What a room lives on. */
export interface RoomEnvironment {
  connection: Connection;
  clock: Clock;
  iceServers: KnownIceServers;
  createPeerConnection: (configuration: RTCConfiguration) => RTCPeerConnection;
}
