import type {
  ChannelMember, Message, MessageDeletedEvent, MessageUpdatedEvent, ModeratedEvent, ReadMarkEvent, TypingEvent,
} from '../contracts.js';
import type { RealtimeError } from '../errors.js';
import type { OutgoingMessage } from './outgoing-message.js';

/** What a channel tells the application. */
export interface ChannelEvents {
  /** A message, in the channel's order, exactly once. After a join: up to 50 earlier ones first. */
  message: Message;
  /** A message says something else now. In the same one order, exactly once. */
  edited: MessageUpdatedEvent;
  /** A message is gone. In the same one order, exactly once. */
  deleted: MessageDeletedEvent;
  /** Somebody writes, until `until` unless told again. */
  typing: TypingEvent;
  /** Somebody has read up to `seq`. */
  read: ReadMarkEvent;
  /** We were moderated here, or (to moderators) somebody was. */
  moderated: ModeratedEvent;
  /** One of our own messages changed its state. */
  outgoing: OutgoingMessage;
  members: ChannelMember[];
  /** The messages `from`..`to` were not handed on: there were too many, or the channel was restored from a backup. */
  skipped: { from: number; to: number };
  /** This client reads too slowly, or did; what is missing follows. */
  lag: { from: number };
  /** We may not be here any more, or joining again after a reconnect was refused: no messages come until `join`. */
  lost: RealtimeError;
}
