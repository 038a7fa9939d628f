import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RealtimeClient } from '../src/client.js';
import { Outbox } from '../src/channels/outbox.js';
import { RealtimeError } from '../src/errors.js';
import { FakeClock, settle } from './fakes/fake-clock.js';
import { FakeHub, hubError } from './fakes/fake-hub.js';
import { message } from './fakes/messages.js';

async function start() {
  const hub = new FakeHub();
  const clock = new FakeClock();
  const client = new RealtimeClient('http://hub', 'token', { transport: hub.transport, clock });
  await settle();
  const channel = client.channel('team');
  await channel.join();
  return { hub, clock, client, channel };
}

test('an unanswered message is sent again with the same id after the reconnect', async () => {
  const { hub, clock, channel } = await start();
  hub.handlers.SendMessage = () => new Promise(() => undefined);
  const sent = channel.send('hello');
  await settle();
  hub.drop();
  delete hub.handlers.SendMessage;
  await clock.advance(1_000);
  const requests = hub.requests('SendMessage');
  assert.equal(requests.length, 2);
  assert.equal(requests[0]!.clientMessageId, requests[1]!.clientMessageId);
  assert.equal(sent.state, 'stored');
});

test('a channel sends one at a time, so that what was written first is stored first', async () => {
  const { hub, clock, channel } = await start();
  let refuse = 2;
  hub.handlers.SendMessage = () => {
    if (refuse-- > 0) throw hubError('rateLimited', { retryAfterMs: 1_000 });
    return { id: 'x', seq: 1, createdAt: '', duplicate: false, level: 'stored' };
  };
  const texts = ['a', 'b', 'c'];
  const sent = texts.map(text => channel.send(text));
  await clock.advance(990);
  assert.deepEqual(hub.requests('SendMessage').map(r => r.text), ['a']);
  await clock.advance(10_000);
  assert.deepEqual(hub.requests('SendMessage').map(r => r.text), ['a', 'a', 'a', 'b', 'c']);
  assert.ok(sent.every(m => m.state === 'stored'));
});

test('a refusal fails that message alone, with the code', async () => {
  const { hub, channel } = await start();
  hub.handlers.SendMessage = ({ text }) => {
    if (text === 'bad') throw hubError('invalid', { field: 'text' });
    return { id: 'x', seq: 1, createdAt: '', duplicate: false, level: 'stored' };
  };
  const changes: string[] = [];
  channel.on('outgoing', m => changes.push(`${m.request.text} ${m.state}`));
  const bad = channel.send('bad');
  const good = channel.send('good');
  await Promise.all([bad.settled, good.settled]);
  assert.equal(bad.error?.code, 'invalid');
  assert.deepEqual(changes, ['bad failed', 'good stored']);
});

test('the event of our own message settles it even when the answer was lost', async () => {
  const { hub, channel } = await start();
  hub.handlers.SendMessage = () => new Promise(() => undefined);
  const sent = channel.send('hello');
  await settle();
  hub.say({ name: 'messageCreated', payload: message(1, { clientMessageId: sent.clientMessageId }) });
  assert.equal(sent.state, 'stored');
  assert.equal(sent.result?.seq, 1);
});

test('an internal fault is retried three times, then it is the answer', async () => {
  const { hub, clock, channel } = await start();
  hub.handlers.SendMessage = () => {
    throw hubError('internal', { incident: 'i1' });
  };
  const sent = channel.send('hello');
  await clock.advance(120_000);
  assert.equal(hub.requests('SendMessage').length, 4);
  assert.equal(sent.error?.incident, 'i1');
});

test('the 501st waiting message is refused and not kept', async () => {
  const { hub, clock, channel } = await start();
  hub.reachable = false;
  hub.drop();
  for (let i = 0; i < Outbox.capacity; i++) channel.send(`${i}`);
  assert.throws(() => channel.send('one more'), (error: RealtimeError) => error.code === 'unavailable' && error.field === 'outbox');
  hub.reachable = true;
  await clock.advance(60_000);
  assert.equal(new Set(hub.requests('SendMessage').map(r => r.clientMessageId)).size, Outbox.capacity);
});

test('closing fails what still waits', async () => {
  const { hub, client, channel } = await start();
  hub.reachable = false;
  hub.drop();
  const sent = channel.send('hello');
  await client.close();
  assert.equal(sent.state, 'failed');
  assert.equal(sent.error?.code, 'unavailable');
});
