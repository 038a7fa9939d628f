import type { Clock } from '../clock.js';
import type { Connection } from '../connection/connection.js';
import type { ChannelEvent, ChannelMember, JoinChannelResult, Message, ResumedChannel } from '../contracts.js';
import { Emitter } from '../emitter.js';
import { RealtimeError } from '../errors.js';
import { PersistentTask } from '../persistent-task.js';
import { catchUp, historyPage, inOrder } from './catch-up.js';
import { ChannelLog } from './channel-log.js';
import type { Outbox } from './outbox.js';
import type { MessageDraft, OutgoingMessage } from './outgoing-message.js';

export interface ChannelEvents {
  /** A message, in the channel's order, exactly once. After a join: up to 50 earlier ones first. */
  message: Message;
  /** One of our own messages changed its state. */
  outgoing: OutgoingMessage;
  members: ChannelMember[];
  /** The messages `from`..`to` were not handed on: there were too many, or the channel was restored from a backup. */
  skipped: { from: number; to: number };
  /** This client reads too slowly, or did; what is missing follows. */
  lag: { from: number };
  /** Joining again after a reconnect was refused: no messages come any more. */
  lost: RealtimeError;
}

/** A text channel: what it says is ordered and complete, across reconnects. Listen first, then `join`. */
export class Channel extends Emitter<ChannelEvents> {
  readonly name: string;
  readonly #connection: Connection;
  readonly #outbox: Outbox;
  readonly #log = new ChannelLog();
  readonly #members = new Map<string, ChannelMember>();
  readonly #rejoin: PersistentTask;
  readonly #catchUp: PersistentTask;
  #wanted = false;

  constructor(name: string, connection: Connection, outbox: Outbox, clock: Clock) {
    super();
    this.name = name;
    this.#connection = connection;
    this.#outbox = outbox;
    const refused = (error: RealtimeError) => this.emit('lost', error);
    this.#rejoin = new PersistentTask(clock, () => this.#join(), error => {
      this.#wanted = false;
      refused(error);
    });
    this.#catchUp = new PersistentTask(clock, () => this.#readOn(), refused);
  }

  get members(): ChannelMember[] {
    return [...this.#members.values()];
  }

  /** The last message handed on; undefined while not joined. */
  get position(): { epoch: number; seq: number } | undefined {
    return this.#wanted ? this.#log.position : undefined;
  }

  /** Joins, and joins again after every reconnect, until `leave`. */
  async join(): Promise<void> {
    this.#wanted = true;
    try {
      await this.#join();
    } catch (thrown) {
      this.#wanted = false;
      throw RealtimeError.from(thrown);
    }
  }

  async leave(): Promise<void> {
    this.#wanted = false;
    this.#members.clear();
    await this.#connection.invoke('LeaveChannel', { channel: this.name });
  }

  /** Never fails for want of a connection: the message waits and is sent when there is one. Throws when 500 wait already. */
  send(draft: string | MessageDraft): OutgoingMessage {
    return this.#outbox.add(this.name, typeof draft === 'string' ? { text: draft } : draft);
  }

  /** Earlier messages, oldest first; they are returned, not emitted. */
  async history(range: { before?: number; after?: number; limit?: number } = {}): Promise<Message[]> {
    return inOrder(await this.#connection.invoke('History', { channel: this.name, limit: historyPage, ...range }));
  }

  /** @internal */
  handle({ name, payload }: ChannelEvent): void {
    switch (name) {
      case 'messageCreated':
        return this.#receive(payload);
      case 'memberJoined':
        this.#members.set(payload.user, { user: payload.user, name: payload.name });
        return this.emit('members', this.members);
      case 'memberLeft':
        this.#members.delete(payload.user);
        return this.emit('members', this.members);
      case 'lag':
        return this.emit('lag', { from: payload.from });
      case 'gap':
        return this.#catchUp.request();
    }
  }

  /** @internal A new connection said Hello; `resumed` is what it told about this channel, if anything. */
  reconnected(resumed: ResumedChannel | undefined): void {
    if (!this.#wanted) return;
    if (!resumed) this.#rejoin.requestNow();
    else if (resumed.tooOld || this.#log.hasGap) this.#catchUp.requestNow();
    // Otherwise what was missed follows as events.
  }

  async #join(): Promise<void> {
    if (!this.#wanted) return;
    const since = this.#log.position?.seq;
    this.#joined(await this.#connection.invoke('JoinChannel', { channel: this.name, since }));
  }

  #joined(result: JoinChannelResult): void {
    const history = inOrder(result.history);
    const position = this.#log.position;
    if (!position || position.epoch !== result.epoch) {
      if (position) this.emit('skipped', { from: position.seq + 1, to: result.seq });
      const before = (history[0]?.seq ?? result.seq + 1) - 1;
      this.#deliver(this.#log.startAt(result.epoch, before));
    }
    for (const message of history) this.#deliver(this.#log.accept(message));
    this.#members.clear();
    for (const member of result.members) this.#members.set(member.user, member);
    this.emit('members', this.members);
    if (this.#log.hasGap || (this.#log.position?.seq ?? 0) < result.seq) this.#catchUp.request();
  }

  #receive(message: Message): void {
    if (this.#log.isNewerEpoch(message.epoch)) return this.#rejoin.request();
    this.#deliver(this.#log.accept(message));
    if (this.#log.position && this.#log.hasGap) this.#catchUp.request();
  }

  #deliver(messages: Message[]): void {
    for (const message of messages) {
      this.#outbox.confirm(message);
      this.emit('message', message);
    }
  }

  async #readOn(): Promise<void> {
    if (!this.#wanted) return;
    await catchUp({
      log: this.#log,
      history: range => this.history(range),
      deliver: messages => this.#deliver(messages),
      skipped: (from, to) => this.emit('skipped', { from, to }),
    });
    if (this.#log.hasGap) this.#catchUp.request();
  }
}
