import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Channel } from '../src/channels/channel.js';
import { RealtimeClient } from '../src/client.js';
import { FakeClock, settle } from './fakes/fake-clock.js';
import { FakeHub, welcome } from './fakes/fake-hub.js';
import { message, messages } from './fakes/messages.js';

async function start() {
  const hub = new FakeHub();
  const clock = new FakeClock();
  hub.handlers.Hello = () => welcome({ user: 'me' });
  const client = new RealtimeClient('http://hub', 'token', { transport: hub.transport, clock });
  await settle();
  return { hub, clock, client };
}

test('a conversation that begins is announced, followed and resumed', async () => {
  const { hub, clock, client } = await start();
  const heard: string[] = [];
  const begun: Channel[] = [];
  client.on('direct', channel => {
    begun.push(channel);
    channel.on('message', m => heard.push(`${m.channel} ${m.seq}`));
  });
  for (const seq of [4, 5]) hub.say({ name: 'messageCreated', payload: { ...message(seq), channel: 'dm:x' } });
  assert.deepEqual(heard, ['dm:x 4', 'dm:x 5']);
  assert.equal(begun.length, 1);
  hub.drop();
  await clock.advance(500);
  assert.deepEqual(hub.requests('Hello')[1]!.positions, [{ channel: 'dm:x', seq: 5, epoch: 1 }]);
});

test('a direct message names whom it is for, and says where it stands', async () => {
  const { hub, client } = await start();
  hub.handlers.SendDirect = () => ({ channel: 'dm:x', id: 'i', seq: 1, createdAt: 'now', duplicate: false, level: 'stored' });
  assert.equal((await client.sendDirect(['ann'], 'hello', 'id')).channel, 'dm:x');
  assert.deepEqual(hub.requests('SendDirect')[0], { text: 'hello', to: ['ann'], clientMessageId: 'id' });
});

test('who is thrown out is told, and does not join again by itself', async () => {
  const { hub, clock, client } = await start();
  hub.handlers.JoinChannel = () => ({ channel: 'team', seq: 3, epoch: 1, members: [], history: messages(1, 3) });
  const channel = client.channel('team');
  const lost: string[] = [];
  channel.on('lost', error => lost.push(error.message));
  await channel.join();
  hub.say({ name: 'moderated', payload: { channel: 'team', user: 'other', action: 'kick', moderator: 'mod' } });
  assert.deepEqual(lost, []);
  hub.say({ name: 'moderated', payload: { channel: 'team', user: 'me', action: 'kick', moderator: 'mod', reason: 'spam' } });
  assert.deepEqual(lost, ['spam']);
  hub.drop();
  await clock.advance(500);
  assert.deepEqual(hub.requests('Hello')[1]!.positions, []);
  assert.equal(hub.requests('JoinChannel').length, 1);
});
