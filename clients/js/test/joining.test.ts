import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { RealtimeClient } from '../src/client.js';
import { warmUp } from '../src/rooms/warm-up.js';
import { FakeClock, settle } from './fakes/fake-clock.js';
import { FakeHub, hubError, welcome } from './fakes/fake-hub.js';
import { FakePeerConnection, FakeTrack } from './fakes/fake-peer-connection.js';
import { answer, person, spare, start, track } from './fakes/room-bench.js';

beforeEach(() => {
  FakePeerConnection.made = [];
});

test('the join carries one offer of what is published, with labels, and of sections to receive; its answer ends the negotiation', async () => {
  const { hub, pc } = await start(answer({ participants: [person('me'), person('bob')], tracks: [track('a', 'bob', 'audio'), track('v', 'bob', 'video')] }));
  assert.deepEqual(hub.requests('JoinRoom'), [{
    room: 'r', metadata: undefined, sdp: `audio:sendonly video:sendonly ${spare}`,
    tracks: [{ mid: '0', source: 'microphone' }, { mid: '1', source: 'camera' }],
  }]);
  assert.deepEqual(hub.requests('Negotiate'), []);
  assert.equal(pc.signalingState, 'stable');
});

test('the peer connection is made while signaling still connects', async () => {
  const hub = new FakeHub();
  const clock = new FakeClock();
  hub.reachable = false;
  const client = new RealtimeClient('http://hub', 'token', { transport: hub.transport, clock, createPeerConnection: FakePeerConnection.create });
  const joining = client.joinRoom('r');
  await settle();
  assert.equal(FakePeerConnection.made.length, 1);
  assert.equal(hub.requests('JoinRoom').length, 0);
  hub.reachable = true;
  await clock.advance(10_000);
  await joining;
  assert.equal(FakePeerConnection.made.length, 1);
  assert.equal(hub.requests('JoinRoom').length, 1);
});

test('a server that answers no offer with the join, or tells no ICE servers before it, gets the offer afterwards', async () => {
  for (const known of [true, false]) {
    FakePeerConnection.made = [];
    const hub = new FakeHub();
    const client = new RealtimeClient('http://hub', 'token', { transport: hub.transport, clock: new FakeClock(), createPeerConnection: FakePeerConnection.create });
    hub.handlers.Hello = () => welcome({ iceServers: known ? [] : undefined });
    await settle();
    const iceServers = [{ urls: ['turn:example'] }];
    hub.handlers.JoinRoom = () => answer({ sdp: undefined, iceServers });
    await client.joinRoom('r');
    await settle();
    assert.equal(hub.requests('JoinRoom')[0]!.sdp, known ? spare : undefined);
    assert.deepEqual(hub.requests('Negotiate'), [{ room: 'r', epoch: 1, sdp: spare, tracks: [] }]);
    if (!known) assert.deepEqual(FakePeerConnection.made[0]!.configurations.at(-1)!.iceServers, iceServers);
    await client.close();
  }
});

test('a device that opens while the join is under way is sent on its connection', async () => {
  const hub = new FakeHub();
  const client = new RealtimeClient('http://hub', 'token', { transport: hub.transport, clock: new FakeClock(), createPeerConnection: FakePeerConnection.create });
  await settle();
  const camera = new FakeTrack('video');
  hub.handlers.JoinRoom = async () => {
    await client.rooms[0]!.localTracks[0]!.replace(camera as never);
    return answer();
  };
  await client.joinRoom('r', { publish: { video: null } });
  assert.equal(FakePeerConnection.made[0]!.transceivers[0]!.sender.track, camera);
});

test('events that overtake the answer to JoinRoom are taken after it', async () => {
  const hub = new FakeHub();
  const client = new RealtimeClient('http://hub', 'token', { transport: hub.transport, clock: new FakeClock(), createPeerConnection: FakePeerConnection.create });
  await settle();
  hub.handlers.JoinRoom = () => {
    hub.say({ name: 'participantJoined', payload: { room: 'r', epoch: 1, participant: person('bob') } });
    return answer();
  };
  const room = await client.joinRoom('r');
  assert.deepEqual(room.roster.participants.map(p => p.participant), ['me', 'bob']);
});

test('a refused join fails and leaves nothing behind', async () => {
  const hub = new FakeHub();
  const client = new RealtimeClient('http://hub', 'token', { transport: hub.transport, clock: new FakeClock(), createPeerConnection: FakePeerConnection.create });
  await settle();
  hub.handlers.JoinRoom = () => {
    throw hubError('forbidden');
  };
  await assert.rejects(client.joinRoom('r'), { code: 'forbidden' });
  assert.deepEqual(client.rooms, []);
  assert.equal(FakePeerConnection.made[0]!.connectionState, 'closed');
});

test('warming up leaves nothing open', async () => {
  await warmUp(FakePeerConnection.create);
  assert.equal(FakePeerConnection.made[0]!.offers, 1);
  assert.equal(FakePeerConnection.made[0]!.connectionState, 'closed');
});

test('a prepared room is joined with the offer that was made before, labelled with what is published by then', async () => {
  const hub = new FakeHub();
  const client = new RealtimeClient('http://hub', 'token', { transport: hub.transport, clock: new FakeClock(), createPeerConnection: FakePeerConnection.create });
  hub.handlers.JoinRoom = () => answer();
  await client.prepareRoom('r');
  const pc = FakePeerConnection.made[0]!;
  assert.deepEqual([FakePeerConnection.made.length, pc.offers, hub.requests('JoinRoom').length], [1, 1, 0]);
  const camera = new FakeTrack('video');
  await client.joinRoom('r', { publish: { audio: null, video: camera as never } });
  assert.deepEqual([FakePeerConnection.made.length, pc.offers], [1, 1]);
  assert.deepEqual(hub.requests('JoinRoom'), [{
    room: 'r', metadata: undefined, sdp: `${spare} audio:sendonly video:sendonly`,
    tracks: [{ mid: '6', source: 'microphone' }, { mid: '7', source: 'camera' }],
  }]);
  assert.equal(pc.transceivers[7]!.sender.track, camera);
  assert.deepEqual(hub.requests('Negotiate'), []);
});

test('what was prepared to be sent, but is not, is offered as inactive', async () => {
  const hub = new FakeHub();
  const client = new RealtimeClient('http://hub', 'token', { transport: hub.transport, clock: new FakeClock(), createPeerConnection: FakePeerConnection.create });
  hub.handlers.JoinRoom = () => answer();
  await client.prepareRoom('r');
  await client.joinRoom('r', { publish: { audio: new FakeTrack('audio') as never } });
  assert.deepEqual(hub.requests('JoinRoom')[0], {
    room: 'r', metadata: undefined, sdp: `${spare} audio:sendonly video:inactive`, tracks: [{ mid: '6', source: 'microphone' }],
  });
});

test('a prepared offer is made anew when it knows older ICE servers, or less than is published', async () => {
  const hub = new FakeHub();
  const clock = new FakeClock();
  const client = new RealtimeClient('http://hub', 'token', { transport: hub.transport, clock, createPeerConnection: FakePeerConnection.create });
  hub.handlers.JoinRoom = () => answer();
  await client.prepareRoom('r', { send: ['audio'] });
  await client.joinRoom('r', { publish: { audio: null, video: null } });
  assert.equal(FakePeerConnection.made[0]!.offers, 2);
  await client.prepareRoom('s', { send: [] });
  hub.drop();
  await clock.advance(10_000);
  await client.joinRoom('s');
  assert.equal(FakePeerConnection.made[1]!.offers, 2);
});

test('a room that was prepared in vain leaves nothing open', async () => {
  const hub = new FakeHub();
  const client = new RealtimeClient('http://hub', 'token', { transport: hub.transport, clock: new FakeClock(), createPeerConnection: FakePeerConnection.create });
  await client.prepareRoom('r');
  await client.prepareRoom('s');
  await client.close();
  assert.deepEqual(FakePeerConnection.made.map(pc => pc.connectionState), ['closed', 'closed']);
  assert.equal(hub.requests('LeaveRoom').length, 0);
});
