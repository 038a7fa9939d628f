import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RealtimeClient } from '../src/client.js';
import { FakeClock, settle } from './fakes/fake-clock.js';
import { FakeHub, hubError, welcome } from './fakes/fake-hub.js';
import { message, messages } from './fakes/messages.js';

function start(token: string | (() => Promise<string>) = 'token') {
  const hub = new FakeHub();
  const clock = new FakeClock();
  const client = new RealtimeClient('http://hub', token, { transport: hub.transport, clock });
  const states: string[] = [];
  client.on('status', ({ state }) => states.push(state));
  return { hub, clock, client, states };
}

async function joined(seq = 3) {
  const all = start();
  all.hub.handlers.JoinChannel = () => ({ channel: 'team', seq, epoch: 1, members: [{ user: 'ann', name: 'Ann' }], history: messages(1, seq) });
  const heard: number[] = [];
  const channel = all.client.channel('team');
  channel.on('message', m => heard.push(m.seq));
  await settle();
  await channel.join();
  return { ...all, channel, heard };
}

test('after a loss it says Hello with the resume token and its positions', async () => {
  const { hub, clock, states, heard } = await joined();
  assert.deepEqual(heard, [1, 2, 3]);
  hub.handlers.Hello = () => welcome({ resumed: [{ channel: 'team', from: 4, to: 5 }] });
  hub.drop();
  await clock.advance(500);
  assert.deepEqual(hub.requests('Hello')[1], { resume: 'r1', positions: [{ channel: 'team', seq: 3, epoch: 1 }], clientInfo: undefined });
  assert.equal(hub.requests('JoinChannel').length, 1, 'resumed, not joined again');
  for (const m of [message(4), message(4), message(5)]) hub.say({ name: 'messageCreated', payload: m });
  assert.deepEqual(heard, [1, 2, 3, 4, 5]);
  assert.deepEqual(states, ['connected', 'reconnecting', 'connected']);
});

test('a channel that was not resumed is joined again from its position', async () => {
  const { hub, clock, heard } = await joined();
  hub.handlers.JoinChannel = ({ since }) => ({ channel: 'team', seq: 6, epoch: 1, members: [], history: messages(since! + 1, 6) });
  hub.drop();
  await clock.advance(500);
  assert.deepEqual(hub.requests('JoinChannel')[1], { channel: 'team', since: 3 });
  assert.deepEqual(heard, [1, 2, 3, 4, 5, 6]);
});

test('tooOld is read from history, page by page', async () => {
  const { hub, clock, heard } = await joined();
  hub.handlers.Hello = () => welcome({ resumed: [{ channel: 'team', from: 4, to: 250, tooOld: true }] });
  hub.handlers.History = ({ after, limit }) => messages(after! + 1, Math.min(250, after! + limit!));
  hub.drop();
  await clock.advance(500);
  assert.equal(hub.requests('History').length, 3);
  assert.deepEqual(heard, messages(1, 250).map(m => m.seq));
});

test('too far behind: the newest page, and what was skipped is told', async () => {
  const { hub, channel, heard } = await joined();
  const skipped: unknown[] = [];
  channel.on('skipped', range => skipped.push(range));
  hub.handlers.History = ({ after, limit }) =>
    after === undefined ? messages(901, 1000) : messages(after + 1, Math.min(1000, after + limit!));
  hub.say({ name: 'gap', payload: { channel: 'team', from: 4, to: 1000 } });
  await settle();
  assert.deepEqual(skipped, [{ from: 504, to: 900 }]);
  assert.deepEqual(heard.slice(-100), messages(901, 1000).map(m => m.seq));
});

test('a hole is filled from history before what follows it', async () => {
  const { hub, heard } = await joined();
  hub.handlers.History = ({ after }) => messages(after! + 1, 6);
  hub.say({ name: 'messageCreated', payload: message(6) });
  assert.deepEqual(heard, [1, 2, 3]);
  await settle();
  assert.deepEqual(heard, [1, 2, 3, 4, 5, 6]);
});

test('a message that arrives while history is read is not taken for what history said', async () => {
  const { hub, heard } = await joined();
  let answer!: () => void;
  hub.handlers.History = () => new Promise(resolve => (answer = () => resolve(messages(4, 6))));
  hub.say({ name: 'messageCreated', payload: message(6) });
  await settle();
  hub.say({ name: 'messageCreated', payload: message(8) }); // 7 is on its way: not a hole of history's
  answer();
  await settle();
  assert.deepEqual(heard, [1, 2, 3, 4, 5, 6]);
  hub.say({ name: 'messageCreated', payload: message(7) });
  assert.deepEqual(heard, [1, 2, 3, 4, 5, 6, 7, 8]);
});

test('a failed history read is repeated with backoff', async () => {
  const { hub, clock, heard } = await joined();
  let asked = 0;
  hub.handlers.History = ({ after }) => {
    if (++asked === 1) throw hubError('rateLimited', { retryAfterMs: 2_000 });
    return messages(after! + 1, 5);
  };
  hub.say({ name: 'messageCreated', payload: message(5) });
  await clock.advance(1_900);
  assert.equal(asked, 1);
  await clock.advance(600);
  assert.deepEqual(heard, [1, 2, 3, 4, 5]);
});

test('it tries for ever, and an `online` wake-up ends the wait', async () => {
  const { hub, clock, client, states } = start();
  hub.reachable = false;
  await clock.advance(600_000);
  assert.ok(hub.sockets > 20, `${hub.sockets} attempts in ten minutes`);
  hub.reachable = true;
  client.reconnectNow();
  await settle();
  assert.equal(states.at(-1), 'connected');
});

test('closing codes: reconnect after what it asked; for good when it says so', async () => {
  const { hub, clock, states } = await joined();
  hub.say({ name: 'closing', payload: { code: 3001, reconnect: true, afterMs: 3_000 } });
  hub.drop();
  await clock.advance(2_900);
  assert.equal(hub.sockets, 1);
  await clock.advance(700);
  assert.equal(hub.sockets, 2);
  hub.say({ name: 'closing', payload: { code: 3500, reconnect: false, afterMs: 0 } });
  hub.drop();
  await clock.advance(120_000);
  assert.equal(hub.sockets, 2);
  assert.equal(states.at(-1), 'closed');
});

test('a provider is asked again for a refused token, a fixed one ends the connection', async () => {
  let asked = 0;
  const renewable = start(async () => `token ${++asked}`);
  let refused = 0;
  renewable.hub.handlers.Hello = () => {
    if (++refused === 1) throw hubError('unauthenticated');
    return welcome();
  };
  await renewable.clock.advance(1_000);
  assert.equal(renewable.states.at(-1), 'connected');
  assert.deepEqual(renewable.hub.tokens, ['token 1', 'token 2']);

  const fixed = start('token');
  fixed.hub.handlers.Hello = () => {
    throw hubError('unauthenticated');
  };
  await fixed.clock.advance(60_000);
  assert.equal(fixed.hub.sockets, 1);
  assert.equal(fixed.states.at(-1), 'closed');
});

test('a newer epoch means another history: join anew and say what was skipped', async () => {
  const { hub, channel, heard } = await joined();
  const skipped: unknown[] = [];
  channel.on('skipped', range => skipped.push(range));
  hub.handlers.JoinChannel = () => ({ channel: 'team', seq: 2, epoch: 2, members: [], history: messages(1, 2).map(m => ({ ...m, epoch: 2 })) });
  hub.say({ name: 'messageCreated', payload: message(3, { epoch: 2 }) });
  await settle();
  hub.say({ name: 'messageCreated', payload: message(3, { epoch: 2 }) });
  assert.equal(skipped.length, 1);
  assert.deepEqual(heard, [1, 2, 3, 1, 2, 3]);
});
