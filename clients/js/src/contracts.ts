/** The records of the hub, as in Realtime.Contracts. Times are ISO 8601 UTC; ids are strings. */
import {
  type IceServer, type JoinRoomResult, roomEventNames, type RoomEvents, type RoomSettings, type TrackLabel, type TrackWish, type TransportReport,
} from './rooms/room-contracts.js';

export type * from './rooms/room-contracts.js';

export interface Message {
  channel: string;
  epoch: number;
  seq: number;
  id: string;
  author: string;
  authorName: string;
  text: string;
  createdAt: string;
  clientMessageId: string;
  mentions?: string[];
  attachments?: MessageAttachment[];
  embeds?: MessageEmbed[];
  replyTo?: string;
  /** In history: the text is not the first one. */
  editedAt?: string;
  /** It was removed: text and everything with it is gone, its place stays. */
  deleted?: boolean;
}

/** Refers to an upload. */
export interface MessageAttachment { id: string; name?: string; type?: string; size?: number }

/** A card beside the text. All of it is text; `url` is http or https. */
export interface MessageEmbed {
  type?: string;
  title?: string;
  description?: string;
  url?: string;
  color?: number;
  fields?: { name: string; value: string; inline?: boolean }[];
}

/** A message says something else from `seq` on; `messageSeq` is its own place. */
export interface MessageUpdatedEvent {
  channel: string;
  epoch: number;
  seq: number;
  id: string;
  messageSeq: number;
  text: string;
  editedBy: string;
  editedAt: string;
  /** Told late, and the message was removed since. */
  deleted?: boolean;
}

/** A message is gone; `reason` when a moderator removed it. */
export interface MessageDeletedEvent {
  channel: string;
  epoch: number;
  seq: number;
  id: string;
  messageSeq: number;
  deletedBy: string;
  deletedAt: string;
  reason?: string;
}

/** `stopped`: it ended at `until`, before its time. */
export interface TypingEvent { channel: string; user: string; name: string; until: string; stopped?: boolean }

export interface ReadMarkEvent { channel: string; user: string; seq: number }

/** Somebody was moderated: told to that user, and to the channel's moderators. */
export interface ModeratedEvent {
  channel: string;
  user: string;
  action: 'kick' | 'ban' | 'unban' | 'timeOut' | 'removeMessage';
  moderator: string;
  reason?: string;
  until?: string;
}

export type PresenceStatus = 'online' | 'idle' | 'dnd' | 'invisible' | 'offline';

export interface UserActivity { name: string; type?: string; details?: string }

/** `stale`: that user's node cannot be heard; this is what was known last. */
export interface PresenceEvent { user: string; status: PresenceStatus; since: string; activity?: UserActivity; stale?: boolean }

/** How we stand with somebody; `status` for friends. */
export interface Friend { user: string; name: string; state: FriendEvent['state']; since: string; status?: PresenceStatus }

export interface FriendEvent { user: string; name: string; state: 'requested' | 'incoming' | 'friends' | 'none'; since: string }

/** The last sequence number of a channel that this client has processed. */
export interface Position { channel: string; seq: number; epoch?: number }

export interface HelloRequest { resume?: string; positions?: Position[]; clientInfo?: unknown }

/** The events `from`..`to` follow as events; with `tooOld` they must be read from history. `members`: who is there now, unless that are many. */
export interface ResumedChannel { channel: string; from: number; to: number; tooOld?: boolean; members?: ChannelMember[] }

export interface LimitInfo { permits: number; windowMs: number }

export interface HelloResult {
  session: string;
  resumeToken: string;
  serverTime: string;
  mode: string;
  limits: Record<string, LimitInfo>;
  resumed: ResumedChannel[];
  /** Rooms in which the resumed session still has its participant. */
  rooms?: string[];
  /** As `JoinRoom` returns them: an offer can be gathered before the room is joined. */
  iceServers?: IceServer[];
  /** Whose token it is. */
  user?: string;
}

export interface ChannelMember { user: string; name: string }

export interface JoinChannelResult {
  channel: string;
  seq: number;
  members: ChannelMember[];
  /** As they stand now; changes have numbers too, so those of messages have holes. */
  history: Message[];
  epoch: number;
  /** How far this user has read, if ever told. */
  read?: number;
}

export interface SendMessageRequest {
  channel: string;
  clientMessageId: string;
  text: string;
  mentions?: string[];
  attachments?: MessageAttachment[];
  embeds?: MessageEmbed[];
  replyTo?: string;
}

export type SendDirectRequest = Omit<SendMessageRequest, 'channel'> & { to: string[] };

export interface SendMessageResult { id: string; seq: number; createdAt: string; duplicate: boolean; level: string }

export interface ModeEvent { mode: string; since: string; works: string[]; refused: string[] }

/** The session may no longer be in this channel or room, and has left it. */
export interface AccessLostEvent { channel?: string; room?: string }

export interface ClosingEvent { code: number; reconnect: boolean; afterMs: number; incident?: string }

/** Client → server: name → request and result. */
export interface HubMethods {
  Hello: { request: HelloRequest; result: HelloResult };
  JoinChannel: { request: { channel: string; since?: number }; result: JoinChannelResult };
  LeaveChannel: { request: { channel: string }; result: { channel: string } };
  SendMessage: { request: SendMessageRequest; result: SendMessageResult };
  EditMessage: { request: { channel: string; id: string; text: string }; result: { seq: number } };
  DeleteMessage: { request: { channel: string; id: string; reason?: string }; result: { seq: number } };
  SendDirect: { request: SendDirectRequest; result: SendMessageResult & { channel: string } };
  MarkRead: { request: { channel: string; seq: number }; result: { ok: boolean } };
  Typing: { request: { channel: string }; result: { ok: boolean } };
  SetPresence: { request: { status: PresenceStatus; activity?: UserActivity | string }; result: unknown };
  RequestFriend: { request: { user: string }; result: Friend };
  AnswerFriend: { request: { user: string; accept: boolean }; result: Friend };
  RemoveFriend: { request: { user: string }; result: Friend };
  Kick: { request: { channel: string; user: string; reason: string }; result: unknown };
  Ban: { request: { channel: string; user: string; reason: string; until?: string }; result: unknown };
  Unban: { request: { channel: string; user: string; reason?: string }; result: unknown };
  TimeOut: { request: { channel: string; user: string; reason: string; until?: string }; result: unknown };
  RefreshToken: { request: { token: string }; result: { expires: string } };
  History: { request: { channel: string; before?: number; after?: number; limit?: number }; result: Message[] };
  JoinRoom: { request: { room: string; metadata?: unknown; sdp?: string; tracks?: TrackLabel[] }; result: JoinRoomResult };
  LeaveRoom: { request: { room: string }; result: { ok: boolean } };
  Negotiate: {
    request: { room: string; epoch: number; sdp: string; tracks?: TrackLabel[] };
    result: { sdp: string };
  };
  Subscribe: { request: { room: string; tracks: TrackWish[] }; result: { ok: boolean } };
  SetTrack: { request: { track: string; muted: boolean; room: string }; result: { ok: boolean } };
  SetView: { request: { room: string; lastN?: number; pinned?: string[] }; result: unknown };
  SetRoom: { request: { room: string; settings: RoomSettings }; result: unknown };
  MuteTrack: { request: { room: string; track: string; muted: boolean; locked?: boolean }; result: unknown };
  KickParticipant: { request: { room: string; participant: string; reason?: string }; result: unknown };
  CloseRoom: { request: { room: string; reason?: string }; result: unknown };
  ReportTransport: { request: TransportReport & { room: string }; result: unknown };
  SetParticipant: { request: { room: string; metadata: unknown; participant?: string }; result: unknown };
}

/** Events that concern one channel. */
export interface ChannelHubEvents {
  messageCreated: Message;
  messageUpdated: MessageUpdatedEvent;
  messageDeleted: MessageDeletedEvent;
  typing: TypingEvent;
  readMark: ReadMarkEvent;
  moderated: ModeratedEvent;
  memberJoined: { channel: string; user: string; name: string };
  memberLeft: { channel: string; user: string; name: string };
  lag: { channel: string; from: number };
  gap: { channel: string; from: number; to: number };
}

/** Server → client: name → payload. */
export interface HubEvents extends RoomEvents, ChannelHubEvents {
  presence: PresenceEvent;
  friend: FriendEvent;
  accessLost: AccessLostEvent;
  mode: ModeEvent;
  closing: ClosingEvent;
}

export type HubMethod = keyof HubMethods;

/** One event with its name, so that a switch on the name knows the payload. */
type Named<Events> = { [Name in keyof Events]: { name: Name; payload: Events[Name] } }[keyof Events];

export type HubEvent = Named<HubEvents>;
export type RoomEvent = Named<RoomEvents>;
export type ChannelEvent = Named<ChannelHubEvents>;

/** What stands in a channel's one order of (epoch, seq), and is never lost. */
export type DurableEvent = Extract<ChannelEvent, { name: 'messageCreated' | 'messageUpdated' | 'messageDeleted' }>;

const channelEventNames: Record<keyof ChannelHubEvents, true> = {
  messageCreated: true,
  messageUpdated: true,
  messageDeleted: true,
  typing: true,
  readMark: true,
  moderated: true,
  memberJoined: true,
  memberLeft: true,
  lag: true,
  gap: true,
};

export const hubEvents: readonly HubEvent['name'][] = [
  ...(Object.keys(roomEventNames) as RoomEvent['name'][]),
  ...(Object.keys(channelEventNames) as ChannelEvent['name'][]),
  'presence',
  'friend',
  'accessLost',
  'mode',
  'closing',
];

export function isRoomEvent(event: HubEvent): event is RoomEvent {
  return event.name in roomEventNames;
}

export function isChannelEvent(event: HubEvent): event is ChannelEvent {
  return event.name in channelEventNames;
}
