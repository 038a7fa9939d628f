import type { Clock } from '../clock.js';
import type { Connection } from '../connection/connection.js';
import type {
  ChannelEvent, ChannelMember, DurableEvent, JoinChannelResult, Message, ModeratedEvent, ResumedChannel,
} from '../contracts.js';
import { Emitter } from '../emitter.js';
import { RealtimeError } from '../errors.js';
import { PersistentTask } from '../persistent-task.js';
import { catchUp, historyPage, inOrder } from './catch-up.js';
import type { ChannelEvents } from './channel-events.js';
import { ChannelLog, type Placed } from './channel-log.js';
import type { Outbox } from './outbox.js';
import type { MessageDraft, OutgoingMessage } from './outgoing-message.js';

/** A durable event at its place in the channel's order. */
interface Entry extends Placed { event: DurableEvent }

/** Messages that a join brings at most; fewer are all there are. */
const joinHistory = 50;

/** Who is told that we write is told so for 15 s: saying it more often than this says nothing new. */
const typingEveryMs = 5_000;

/** A text channel: what it says is ordered and complete, across reconnects. Listen first, then `join`. */
export class Channel extends Emitter<ChannelEvents> {
  readonly name: string;
  readonly #connection: Connection;
  readonly #outbox: Outbox;
  readonly #clock: Clock;
  readonly #log = new ChannelLog<Entry>();
  readonly #members = new Map<string, ChannelMember>();
  readonly #rejoin: PersistentTask;
  readonly #catchUp: PersistentTask;
  #wanted = false;
  #known = 0;
  #read = 0;
  #typedAt = -Infinity;

  constructor(name: string, connection: Connection, outbox: Outbox, clock: Clock) {
    super();
    this.name = name;
    this.#connection = connection;
    this.#outbox = outbox;
    this.#clock = clock;
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

  /** How far this user has read, as far as this client knows; 0: never told. */
  get read(): number {
    return this.#read;
  }

  /** The last event handed on; undefined while not joined. */
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

  /** Changes the text of a message of ours. The same again changes nothing: safe to repeat. */
  async edit(id: string, text: string): Promise<{ seq: number }> {
    return this.#connection.invoke('EditMessage', { channel: this.name, id, text });
  }

  /** Deletes a message of ours or, as a moderator with a reason, anybody's. Safe to repeat. */
  async delete(id: string, reason?: string): Promise<{ seq: number }> {
    return this.#connection.invoke('DeleteMessage', { channel: this.name, id, reason });
  }

  /** As a moderator: removes a user, who may join again. */
  async kick(user: string, reason: string): Promise<void> {
    await this.#connection.invoke('Kick', { channel: this.name, user, reason });
  }

  /** As a moderator: keeps a user out, until then or until `unban`. */
  async ban(user: string, reason: string, until?: Date): Promise<void> {
    await this.#connection.invoke('Ban', { channel: this.name, user, reason, until: until?.toISOString() });
  }

  async unban(user: string, reason?: string): Promise<void> {
    await this.#connection.invoke('Unban', { channel: this.name, user, reason });
  }

  /** As a moderator: lets a user read on but not write, at most 28 days ahead; without `until` it is lifted. */
  async timeOut(user: string, reason: string, until?: Date): Promise<void> {
    await this.#connection.invoke('TimeOut', { channel: this.name, user, reason, until: until?.toISOString() });
  }

  /** Says that we have read up to `seq`, or up to here. A mark never moves back; what was said before is not said again. */
  async markRead(seq = this.#log.position?.seq ?? 0): Promise<void> {
    const before = this.#read;
    if (seq <= before) return;
    this.#read = seq;
    try {
      await this.#connection.invoke('MarkRead', { channel: this.name, seq });
    } catch (thrown) {
      if (this.#read === seq) this.#read = before;
      throw thrown;
    }
  }

  /** Says that we write; call it at every key, it is sent now and then. Nobody waits for it, and it may get lost. */
  async typing(): Promise<void> {
    const now = this.#clock.now();
    if (now - this.#typedAt < typingEveryMs) return;
    this.#typedAt = now;
    await this.#connection.send('Typing', { channel: this.name });
  }

  /** Earlier messages as they stand now, oldest first; they are returned, not emitted. */
  async history(range: { before?: number; after?: number; limit?: number } = {}): Promise<Message[]> {
    return inOrder(await this.#connection.invoke('History', { channel: this.name, limit: historyPage, ...range }));
  }

  /** @internal */
  handle(event: ChannelEvent): void {
    const { name, payload } = event;
    switch (name) {
      case 'messageCreated':
      case 'messageUpdated':
      case 'messageDeleted':
        return this.#receive(event);
      case 'typing':
      case 'moderated':
        return this.emit(name, payload);
      case 'readMark':
        return this.emit('read', payload);
      case 'memberJoined':
        this.#members.set(payload.user, { user: payload.user, name: payload.name });
        return this.emit('members', this.members);
      case 'memberLeft':
        this.#members.delete(payload.user);
        return this.emit('members', this.members);
      case 'lag':
        return this.emit('lag', { from: payload.from });
      case 'gap':
        this.#known = Math.max(this.#known, payload.to);
        return this.#catchUp.request();
    }
  }

  /** @internal A conversation that came by itself: from this message on it is followed. False: it was already. */
  follow({ epoch, seq }: { epoch: number; seq: number }): boolean {
    if (this.#wanted) return false;
    this.#wanted = true;
    if (!this.#log.position) this.#deliver(this.#log.startAt(epoch, seq - 1));
    return true;
  }

  /** @internal We were thrown out: nothing of the channel comes any more, and it is not joined again by itself. */
  putOut({ action, reason }: ModeratedEvent): void {
    this.#wanted = false;
    this.#members.clear();
    this.emit('lost', new RealtimeError({ code: 'forbidden', message: reason ?? action }));
  }

  /** @internal A new connection said Hello; `resumed` is what it told about this channel, if anything. */
  reconnected(resumed: ResumedChannel | undefined): void {
    if (!this.#wanted) return;
    if (resumed?.members) {
      this.#members.clear();
      for (const member of resumed.members) this.#members.set(member.user, member);
      this.emit('members', this.members);
    }
    if (!resumed) this.#rejoin.requestNow();
    else if (resumed.tooOld || this.#log.hasGap) {
      if (resumed.tooOld) this.#known = Math.max(this.#known, resumed.to);
      this.#catchUp.requestNow();
    }
    // Otherwise what was missed follows as events.
  }

  /** @internal The server has taken us out. */
  accessLost(): void {
    if (!this.#wanted) return;
    this.#wanted = false;
    this.#members.clear();
    this.emit('lost', new RealtimeError({ code: 'forbidden', message: 'You may no longer be in this channel.', field: 'channel' }));
  }

  async #join(): Promise<void> {
    if (!this.#wanted) return;
    const since = this.#log.position?.seq;
    this.#joined(await this.#connection.invoke('JoinChannel', { channel: this.name, since }));
  }

  #joined(result: JoinChannelResult): void {
    const history = inOrder(result.history);
    const position = this.#log.position;
    const anew = !position || position.epoch !== result.epoch;
    if (anew) {
      if (position) this.emit('skipped', { from: position.seq + 1, to: result.seq });
      const before = (history[0]?.seq ?? result.seq + 1) - 1;
      this.#deliver(this.#log.startAt(result.epoch, before));
    }
    for (const message of history) this.#accept(message);
    this.#known = result.seq;
    this.#read = Math.max(anew ? 0 : this.#read, result.read ?? 0);
    this.#members.clear();
    for (const member of result.members) this.#members.set(member.user, member);
    this.emit('members', this.members);
    // The newest messages are all here, so from the first of them on holes are changes. Before it more may be missing.
    if (anew || history.length < joinHistory) this.#deliver(this.#log.closeGaps(result.seq));
    if (this.#log.hasGap || (this.#log.position?.seq ?? 0) < result.seq) this.#catchUp.request();
  }

  #receive(event: DurableEvent): void {
    const { epoch, seq } = event.payload;
    if (this.#log.isNewerEpoch(epoch)) return this.#rejoin.request();
    this.#deliver(this.#log.accept({ epoch, seq, event }));
    if (this.#log.position && this.#log.hasGap) this.#catchUp.request();
  }

  #accept(message: Message): void {
    const { epoch, seq } = message;
    this.#deliver(this.#log.accept({ epoch, seq, event: { name: 'messageCreated', payload: message } }));
  }

  #deliver(entries: Entry[]): void {
    for (const { event } of entries) {
      switch (event.name) {
        case 'messageCreated':
          this.#outbox.confirm(event.payload);
          this.emit('message', event.payload);
          break;
        case 'messageUpdated':
          this.emit('edited', event.payload);
          break;
        case 'messageDeleted':
          this.emit('deleted', event.payload);
      }
    }
  }

  async #readOn(): Promise<void> {
    if (!this.#wanted) return;
    await catchUp({
      position: () => this.#log.position,
      known: () => Math.max(this.#log.farthest, this.#known),
      history: range => this.history(range),
      accept: message => this.#accept(message),
      closeGaps: seq => this.#deliver(this.#log.closeGaps(seq)),
      skipTo: (epoch, seq) => {
        this.emit('skipped', { from: this.#log.position!.seq + 1, to: seq });
        this.#deliver(this.#log.startAt(epoch, seq));
      },
    });
    if (this.#log.hasGap) this.#catchUp.request();
  }
}
