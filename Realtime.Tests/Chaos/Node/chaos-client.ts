// Several users of the npm client in one process. Commands come in as lines of JSON, observations and answers go out as such.
import { createInterface } from 'node:readline';
import { type Message, RealtimeClient, RealtimeError } from '../../../clients/js/src/index.js';

interface Command {
  id: number;
  op: 'start' | 'join' | 'leave' | 'send' | 'read' | 'wake';
  user: string;
  channel: string;
  url: string;
  token: string;
  text: string;
  after: number;
}

/** Something with a place in a channel's order, as the other side reads it. */
interface Placed {
  channel: string;
  epoch: number;
  seq: number;
  id: string;
  author: string;
  clientMessageId: string;
  text: string | null;
}

/** A user, and how far each channel was handed on; what comes before the join is known to have succeeded waits in `early`. */
interface User {
  client: RealtimeClient;
  early: Map<string, Placed[]>;
  last: Map<string, number>;
}

const users = new Map<string, User>();

/** CLOCK_MONOTONIC in nanoseconds, as the other side reads it. */
const now = () => process.hrtime.bigint().toString();

// Pipes are written synchronously: what was said is not lost when this process is killed.
const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);

const seen = (kind: string, user: string, fields: object, at = now()) => say({ kind, user, at, ...fields });

const place = (m: Message): Placed => ({
  channel: m.channel, epoch: m.epoch, seq: m.seq, id: m.id, author: m.author, clientMessageId: m.clientMessageId,
  text: m.editedAt || m.deleted ? null : m.text,
});

/** Edits and removals under names of their own, as ChangeId.cs makes them. */
const change = (e: { channel: string; epoch: number; seq: number }, id: string, author: string): Placed => ({
  channel: e.channel, epoch: e.epoch, seq: e.seq, id, author, clientMessageId: id, text: id,
});

function handOn(name: string, user: User, next: Placed): void {
  const waiting = user.early.get(next.channel);
  if (waiting) {
    waiting.push(next);
    return;
  }
  const last = user.last.get(next.channel) ?? 0;
  // The client read on from history, which has no edits and removals; the other side knows which numbers were those.
  if (next.seq > last + 1) seen('caughtUp', name, { channel: next.channel, from: last + 1, to: next.seq - 1 });
  user.last.set(next.channel, Math.max(last, next.seq));
  seen('received', name, next);
}

function start({ user, url, token }: Command): void {
  const client = new RealtimeClient(url, token);
  users.set(user, { client, early: new Map(), last: new Map() });
  client.on('status', status => {
    if (status.state === 'connected') seen('online', user, {});
    if (status.state === 'closed') seen('broken', user, { code: status.error?.code ?? 'closed', text: status.error?.message ?? '' });
  });
}

function listen(name: string, user: User, channelName: string): void {
  if (user.last.has(channelName)) return;
  user.last.set(channelName, 0);
  const channel = user.client.channel(channelName);
  channel.on('message', message => handOn(name, user, place(message)));
  channel.on('edited', edit => {
    // Told late, of a message that is gone: what was written there is told to nobody any more.
    if (edit.deleted) seen('gap', name, { channel: channelName, from: edit.seq, to: edit.seq });
    else handOn(name, user, change(edit, `edit:${edit.id}:${edit.text}`, edit.editedBy));
  });
  channel.on('deleted', removal => handOn(name, user, change(removal, `removal:${removal.id}`, removal.deletedBy)));
  channel.on('skipped', ({ from, to }) => seen('gap', name, { channel: channelName, from, to }));
  channel.on('lost', () => seen('left', name, { channel: channelName }));
}

async function join({ user: name, channel: channelName }: Command): Promise<void> {
  const user = users.get(name)!;
  const early: Placed[] = [];
  user.early.set(channelName, early);
  listen(name, user, channelName);
  const channel = user.client.channel(channelName);
  for (;;) {
    try {
      await channel.join();
      break;
    } catch (thrown) {
      const error = RealtimeError.from(thrown);
      if (!error.retryable && error.code !== 'internal') throw error;
      await new Promise(resolve => setTimeout(resolve, error.retryAfterMs ?? 200));
    }
  }
  const first = early[0];
  const seq = first ? first.seq - 1 : channel.position?.seq ?? 0;
  seen('joined', name, { channel: channelName, seq });
  user.last.set(channelName, seq);
  user.early.delete(channelName);
  for (const message of early) handOn(name, user, message);
}

async function leave({ user, channel }: Command): Promise<void> {
  seen('left', user, { channel });
  await users.get(user)!.client.channel(channel).leave();
}

async function send({ user, channel, text }: Command): Promise<void> {
  const at = now();
  const message = users.get(user)!.client.channel(channel).send(text);
  seen('invoked', user, { channel, clientMessageId: message.clientMessageId, text }, at);
  await message.settled;
  if (message.result) {
    seen('acknowledged', user, { channel, clientMessageId: message.clientMessageId, id: message.result.id, seq: message.result.seq });
  } else if (message.error && message.error.code !== 'internal' && message.error.code !== 'unknownOutcome') {
    seen('refused', user, { channel, clientMessageId: message.clientMessageId, code: message.error.code });
  }
}

async function read({ user, channel, after }: Command): Promise<void> {
  const limit = 50;
  const askedAt = now();
  const messages = await users.get(user)!.client.channel(channel).history({ after, limit });
  seen('history', user, { channel, after, askedAt, isLast: messages.length < limit, messages: messages.map(place) });
}

async function run(command: Command): Promise<void> {
  switch (command.op) {
    case 'start': return start(command);
    case 'join': return join(command);
    case 'leave': return leave(command);
    case 'send': return send(command);
    case 'read': return read(command);
    case 'wake': return users.get(command.user)?.client.reconnectNow();
  }
}

createInterface({ input: process.stdin }).on('line', line => {
  const command = JSON.parse(line) as Command;
  run(command).then(
    () => say({ answer: command.id }),
    thrown => say({ answer: command.id, code: RealtimeError.from(thrown).code }));
}).on('close', () => process.exit(0));
