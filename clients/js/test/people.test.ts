import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RealtimeClient } from '../src/client.js';
import { FakeClock, settle } from './fakes/fake-clock.js';
import { FakeHub, welcome } from './fakes/fake-hub.js';

function start() {
  const hub = new FakeHub();
  const clock = new FakeClock();
  const client = new RealtimeClient('http://hub/hub', 'token', { transport: hub.transport, clock });
  return { hub, clock, client };
}

test('a status is said again to a new session, and not to a resumed one', async () => {
  const { hub, clock, client } = start();
  await settle();
  await client.setPresence('dnd', { name: 'chess' });
  hub.drop();
  await clock.advance(500);
  assert.equal(hub.requests('SetPresence').length, 1, 'the session was resumed: it has its status');
  hub.handlers.Hello = () => welcome({ session: 'another' });
  hub.drop();
  await clock.advance(500);
  await settle();
  assert.deepEqual(hub.requests('SetPresence'), [{ status: 'dnd', activity: { name: 'chess' } }, { status: 'dnd', activity: { name: 'chess' } }]);
});

test('presence and friends are handed on', async () => {
  const { hub, client } = start();
  const told: string[] = [];
  client.on('presence', ({ user, status }) => told.push(`${user} ${status}`));
  client.on('friend', ({ user, state }) => told.push(`${user} ${state}`));
  await settle();
  hub.say({ name: 'presence', payload: { user: 'bob', status: 'idle', since: '2026-01-01T00:00:00Z' } });
  hub.say({ name: 'friend', payload: { user: 'bob', name: 'Bob', state: 'incoming', since: '2026-01-01T00:00:00Z' } });
  assert.deepEqual(told, ['bob idle', 'bob incoming']);
  await client.friends.request('cat');
  await client.friends.accept('bob');
  await client.friends.decline('dan');
  await client.friends.remove('bob');
  assert.deepEqual(hub.requests('AnswerFriend'), [{ user: 'bob', accept: true }, { user: 'dan', accept: false }]);
  assert.deepEqual([...hub.requests('RequestFriend'), ...hub.requests('RemoveFriend')], [{ user: 'cat' }, { user: 'bob' }]);
});

test('who came and went while away is known after a resume', async () => {
  const { hub, clock, client } = start();
  hub.handlers.JoinChannel = () => ({ channel: 'team', seq: 0, epoch: 1, members: [{ user: 'ann', name: 'Ann' }, { user: 'bob', name: 'Bob' }], history: [] });
  const channel = client.channel('team');
  await settle();
  await channel.join();
  const seen: string[][] = [];
  channel.on('members', members => seen.push(members.map(member => member.user)));
  hub.handlers.Hello = () => welcome({ resumed: [{ channel: 'team', from: 1, to: 0, members: [{ user: 'ann', name: 'Ann' }, { user: 'cat', name: 'Cat' }] }] });
  hub.drop();
  await clock.advance(500);
  assert.deepEqual(seen, [['ann', 'cat']]);
  assert.deepEqual(channel.members.map(member => member.user), ['ann', 'cat']);
});
