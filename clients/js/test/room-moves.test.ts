import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { settle } from './fakes/fake-clock.js';
import { FakePeerConnection } from './fakes/fake-peer-connection.js';
import { answer, person, start, track } from './fakes/room-bench.js';

const { createOffer } = FakePeerConnection.prototype;

beforeEach(() => {
  FakePeerConnection.made = [];
});

test('moved: join again at the new epoch; events of the old one are void', async () => {
  const { hub, pc, log, bound, room } = await start();
  pc.become('connected');
  hub.handlers.JoinRoom = () => answer({ epoch: 2 });
  hub.say({ name: 'moved', payload: { room: 'r', epoch: 2 } });
  await settle();
  assert.equal(room.epoch, 2);
  log.length = 0;
  bound('0', 'bob', 'old', 1);
  assert.deepEqual(log, []);
  assert.equal(pc.connectionState, 'connected', 'kept until the new one plays');
  assert.equal(FakePeerConnection.made.length, 2);
});

test('moved: the first offer of the new connection has as many sections as the old one came to need', async () => {
  const { hub, pc } = await start();
  hub.say({ name: 'sections', payload: { room: 'r', epoch: 1, audio: 5, video: 7 } });
  await settle();
  hub.handlers.JoinRoom = () => answer({ epoch: 2 });
  hub.say({ name: 'moved', payload: { room: 'r', epoch: 2 } });
  await settle();
  const receiving = (from: FakePeerConnection) => ['audio', 'video'].map(kind => from.transceivers.filter(t => t.direction === 'recvonly' && t.receiver.track.kind === kind).length);
  assert.deepEqual(receiving(pc), [5, 7]);
  assert.deepEqual(receiving(FakePeerConnection.made[1]!), [5, 7]);
});

test('moved: nothing is encoded for a node that is gone, and everything for its successor', async () => {
  const { hub, pc } = await start();
  hub.handlers.JoinRoom = () => answer({ epoch: 2 });
  hub.say({ name: 'moved', payload: { room: 'r', epoch: 2, lost: true } });
  await settle();
  const sent = (from: FakePeerConnection) => from.transceivers.filter(t => t.direction === 'sendonly').map(t => t.sender.track);
  assert.deepEqual(sent(pc), [null, null]);
  assert.equal(sent(FakePeerConnection.made[1]!).filter(track => track !== null).length, 2);
});

test('moved: each track of the old connection is shown until its successor plays, and nobody seems to leave', async () => {
  const everyone = [person('me'), person('bob'), person('cid')];
  const { hub, clock, pc, log, bound } = await start(answer({ participants: everyone, tracks: [track('a', 'bob', 'video'), track('b', 'cid', 'video')] }));
  pc.become('connected');
  bound('5', 'bob', 'a');
  bound('6', 'cid', 'b');
  log.length = 0;
  // The new node knows only us so far.
  hub.handlers.JoinRoom = () => answer({ epoch: 2 });
  hub.say({ name: 'moved', payload: { room: 'r', epoch: 2 } });
  await settle();
  const next = FakePeerConnection.made[1]!;
  for (const id of ['bob', 'cid']) hub.say({ name: 'participantJoined', payload: { room: 'r', epoch: 2, participant: person(id) } });
  bound('5', 'bob', 'a2', 2);
  bound('6', 'cid', 'b2', 2);
  next.become('connected');
  next.transceivers[5]!.receiver.track.play();
  await settle();
  assert.deepEqual(log, ['+bob/a2', '-bob/a', 'connected'].filter(line => log.includes(line)));
  assert.equal(pc.connectionState, 'connected', 'others may still watch us there');
  await clock.advance(1_000);
  assert.ok(!log.includes('-cid/b'));
  next.transceivers[6]!.receiver.track.play();
  await settle();
  assert.deepEqual(log.slice(-2), ['+cid/b2', '-cid/b']);
  await clock.advance(3_000);
  assert.equal(pc.connectionState, 'closed');
  await clock.advance(10_000);
  assert.ok(!log.some(line => line.startsWith('left')));
});

test('moved: a picture changes over with its first frame, not with its first packet', async () => {
  const everyone = [person('me'), person('bob')];
  const { hub, clock, log, bound } = await start(answer({ participants: everyone, tracks: [track('a', 'bob', 'video')] }));
  bound('5', 'bob', 'a');
  hub.handlers.JoinRoom = () => answer({ epoch: 2, participants: everyone, tracks: [track('a2', 'bob', 'video')] });
  hub.say({ name: 'moved', payload: { room: 'r', epoch: 2 } });
  await settle();
  const next = FakePeerConnection.made[1]!;
  const decoded = (framesDecoded: number) => next.stats.set('in', { type: 'inbound-rtp', kind: 'video', trackIdentifier: next.transceivers[5]!.receiver.track.id, framesDecoded });
  decoded(0);
  bound('5', 'bob', 'a2', 2);
  next.become('connected');
  next.transceivers[5]!.receiver.track.play();
  await clock.advance(500);
  assert.ok(!log.includes('+bob/a2'));
  decoded(1);
  await clock.advance(100);
  assert.deepEqual(log.slice(-3).filter(line => line.includes('bob')), ['+bob/a2', '-bob/a']);
});

test('moved: however much is told of the new place while the offer is made, one join leads there', async () => {
  const { hub, room } = await start();
  let offered = () => undefined as void;
  FakePeerConnection.prototype.createOffer = async function (this: FakePeerConnection) {
    await new Promise<void>(resolve => (offered = resolve));
    return { type: 'offer', sdp: 'late' };
  };
  try {
    hub.handlers.JoinRoom = () => answer({ epoch: 2 });
    hub.say({ name: 'participantJoined', payload: { room: 'r', epoch: 2, participant: person('bob') } });
    await settle();
    hub.say({ name: 'moved', payload: { room: 'r', epoch: 2 } });
    hub.say({ name: 'participantJoined', payload: { room: 'r', epoch: 2, participant: person('cid') } });
    offered();
    await settle();
    assert.equal(hub.requests('JoinRoom').length, 2);
    assert.equal(room.epoch, 2);
  } finally {
    FakePeerConnection.prototype.createOffer = createOffer;
  }
});

test('moved from a dead node: who does not follow has left', async () => {
  const { hub, clock, log } = await start(answer({ participants: [person('me'), person('bob')] }));
  log.length = 0;
  hub.handlers.JoinRoom = () => answer({ epoch: 2 });
  hub.say({ name: 'moved', payload: { room: 'r', epoch: 2 } });
  await clock.advance(7_000);
  assert.ok(!log.some(line => line.startsWith('left')));
  await clock.advance(2_000);
  assert.deepEqual(log.filter(line => line.startsWith('left')), ['left bob left']);
});
