import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChannelLog } from '../src/channels/channel-log.js';
import { RealtimeClient } from '../src/client.js';
import type { HubEvent, Message } from '../src/contracts.js';
import { FakeClock, settle } from './fakes/fake-clock.js';
import { FakeHub, hubError, welcome } from './fakes/fake-hub.js';
import { message, messages } from './fakes/messages.js';

const update = (seq: number, messageSeq: number): HubEvent => ({
  name: 'messageUpdated',
  payload: { channel: 'team', epoch: 1, seq, id: `m${messageSeq}`, messageSeq, text: `edit ${seq}`, editedBy: 'ann', editedAt: '2026-01-01T00:00:00Z' },
});

const deletion = (seq: number, messageSeq: number): HubEvent => ({
  name: 'messageDeleted',
  payload: { channel: 'team', epoch: 1, seq, id: `m${messageSeq}`, messageSeq, deletedBy: 'ann', deletedAt: '2026-01-01T00:00:00Z' },
});

const created = (seq: number): HubEvent => ({ name: 'messageCreated', payload: message(seq) });

/** A channel joined at `seq`, whose history has these messages; `told` is what the application hears, in order. */
async function joined(seq: number, history: Message[]) {
  const hub = new FakeHub();
  const clock = new FakeClock();
  const client = new RealtimeClient('http://hub', 'token', { transport: hub.transport, clock });
  hub.handlers.JoinChannel = () => ({ channel: 'team', seq, epoch: 1, members: [], history });
  const channel = client.channel('team');
  const told: string[] = [];
  channel.on('message', m => told.push(`${m.seq}${m.deleted ? ' gone' : ''}`));
  channel.on('edited', e => told.push(`${e.seq} edits ${e.messageSeq}`));
  channel.on('deleted', d => told.push(`${d.seq} deletes ${d.messageSeq}`));
  channel.on('skipped', ({ from, to }) => told.push(`skipped ${from}-${to}`));
  await settle();
  await channel.join();
  await settle();
  return { hub, clock, client, channel, told };
}

test('messages and changes come in one order, each once', async () => {
  const { hub, told } = await joined(0, []);
  for (const event of [created(1), update(2, 1), update(2, 1), created(3), deletion(4, 1), created(1)]) hub.say(event);
  assert.deepEqual(told, ['1', '2 edits 1', '3', '4 deletes 1']);
});

test('the holes that changes leave in history are closed by the join itself, without a word', async () => {
  const { hub, channel, told } = await joined(9, [message(2), message(5), message(6, { deleted: true, text: '' })]);
  assert.deepEqual(told, ['2', '5', '6 gone']);
  assert.equal(hub.requests('History').length, 0);
  assert.deepEqual(channel.position, { epoch: 1, seq: 9 });
  hub.say(update(10, 5));
  assert.deepEqual(told.slice(3), ['10 edits 5']);
});

test('a channel whose last events are all changes is where it should be', async () => {
  const { channel, hub } = await joined(300, []);
  assert.deepEqual(channel.position, { epoch: 1, seq: 300 });
  assert.equal(hub.requests('History').length, 0);
});

test('what is resumed is in order too, and a change that overtakes waits', async () => {
  const { hub, clock, told } = await joined(1, [message(1)]);
  hub.handlers.Hello = () => welcome({ resumed: [{ channel: 'team', from: 2, to: 4 }] });
  hub.drop();
  await clock.advance(500);
  hub.handlers.History = () => new Promise(() => undefined);
  for (const event of [update(3, 1), created(2), deletion(4, 2)]) hub.say(event);
  assert.deepEqual(told, ['1', '2', '3 edits 1', '4 deletes 2']);
});

test('tooOld: history ends before the last event, because that is a change', async () => {
  const { hub, clock, channel, told } = await joined(1, [message(1)]);
  hub.handlers.Hello = () => welcome({ resumed: [{ channel: 'team', from: 2, to: 8, tooOld: true }] });
  hub.handlers.History = ({ after }) => [message(3), message(6)].filter(m => m.seq > after!);
  hub.drop();
  await clock.advance(500);
  assert.deepEqual(told, ['1', '3', '6']);
  assert.deepEqual(channel.position, { epoch: 1, seq: 8 });
  hub.say(created(9));
  assert.deepEqual(told.slice(3), ['9']);
});

test('joined again after a long time: history is read to its end before what is new', async () => {
  const { hub, clock, told, channel } = await joined(1, [message(1)]);
  hub.handlers.JoinChannel = () => ({ channel: 'team', seq: 130, epoch: 1, members: [], history: messages(79, 128) });
  hub.handlers.History = ({ after, limit }) => messages(after! + 1, 128).slice(0, limit);
  hub.drop();
  await clock.advance(500);
  assert.equal(told.length, 128);
  assert.deepEqual(channel.position, { epoch: 1, seq: 130 });
});

test('closing holes goes to the number given, and over what waits behind it', () => {
  const seed = Date.now() & 0xffff;
  console.log(`seed ${seed}`);
  let state = seed;
  const random = () => ((state = (state * 1_103_515_245 + 12_345) & 0x7fffffff) / 0x7fffffff);
  for (let round = 0; round < 200; round++) {
    const log = new ChannelLog<Message>();
    log.startAt(1, 0);
    const there = messages(1, 40).filter(() => random() < 0.5);
    const to = Math.floor(random() * 45);
    const out = [...there].sort(() => random() - 0.5).flatMap(m => log.accept(m));
    out.push(...log.closeGaps(to));
    const seqs = out.map(m => m.seq);
    assert.deepEqual(seqs, [...seqs].sort((a, b) => a - b));
    for (const { seq } of there) if (seq <= to) assert.ok(seqs.includes(seq));
    assert.ok(log.position!.seq >= to);
  }
});

test('edit, delete and marks are calls; a mark is said once and never moves back', async () => {
  const { hub, channel } = await joined(3, messages(1, 3));
  await channel.edit('m1', 'new');
  await channel.delete('m2', 'spam');
  await channel.markRead();
  await channel.markRead(2);
  await channel.markRead(3);
  assert.deepEqual(hub.requests('EditMessage'), [{ channel: 'team', id: 'm1', text: 'new' }]);
  assert.deepEqual(hub.requests('DeleteMessage'), [{ channel: 'team', id: 'm2', reason: 'spam' }]);
  assert.deepEqual(hub.requests('MarkRead'), [{ channel: 'team', seq: 3 }]);
  assert.equal(channel.read, 3);
});

test('a mark that was refused is said again', async () => {
  const { hub, channel } = await joined(3, messages(1, 3));
  hub.handlers.MarkRead = () => {
    throw hubError('unavailable');
  };
  await assert.rejects(channel.markRead());
  delete hub.handlers.MarkRead;
  await channel.markRead();
  assert.equal(hub.requests('MarkRead').length, 2);
});

test('typing is sent now and then, however often it is called; others are heard', async () => {
  const { hub, clock, channel } = await joined(0, []);
  for (let i = 0; i < 20; i++) {
    await channel.typing();
    await clock.advance(500);
  }
  assert.equal(hub.requests('Typing').length, 2);
  const heard: unknown[] = [];
  channel.on('typing', event => heard.push(event.user));
  channel.on('read', event => heard.push(event.seq));
  hub.say({ name: 'typing', payload: { channel: 'team', user: 'bob', name: 'Bob', until: '2026-01-01T00:00:15Z' } });
  hub.say({ name: 'readMark', payload: { channel: 'team', user: 'bob', seq: 7 } });
  assert.deepEqual(heard, ['bob', 7]);
});

test('who is taken out is told, and does not come back by itself', async () => {
  const { hub, clock, channel } = await joined(3, messages(1, 3));
  const lost: string[] = [];
  channel.on('lost', error => lost.push(error.code));
  hub.say({ name: 'accessLost', payload: { channel: 'team' } });
  hub.drop();
  await clock.advance(5_000);
  assert.deepEqual(lost, ['forbidden']);
  assert.equal(channel.position, undefined);
  assert.equal(hub.requests('JoinChannel').length, 1);
});
