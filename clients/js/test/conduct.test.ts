import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { NetworkWatch } from '../src/rooms/network-watch.js';
import { TransportWatch } from '../src/rooms/transport-watch.js';
import { FakeClock, settle } from './fakes/fake-clock.js';
import { hubError } from './fakes/fake-hub.js';
import { FakePeerConnection } from './fakes/fake-peer-connection.js';
import { start } from './fakes/room-bench.js';

beforeEach(() => {
  FakePeerConnection.made = [];
});

const own = (id: string, mid: string) => ({
  name: 'trackPublished' as const,
  payload: { room: 'r', epoch: 1, mid, track: { track: id, participant: 'me', kind: 'audio' as const, codec: 'opus', muted: false } },
});

test('what the room is set to is told with the join and with every change', async () => {
  const { hub, room } = await start();
  const told: unknown[] = [];
  room.on('settings', ({ lastN }) => told.push(lastN));
  hub.say({ name: 'roomUpdated', payload: { room: 'r', epoch: 1, settings: { lastN: 2, metadata: { topic: 'x' } } } });
  assert.deepEqual(told, [2]);
});

test('a moderator mutes our track: it is muted here too, nothing fights it, and we may end it ourselves', async () => {
  const { hub, room } = await start();
  hub.say(own('t1', '0'));
  const microphone = room.localTracks[0]!;
  assert.equal(microphone.id, 't1');
  const told: boolean[] = [];
  room.on('moderated', ({ track, muted, locked }) => told.push(track === microphone, muted, locked));
  hub.say({ name: 'trackMuted', payload: { room: 'r', epoch: 1, participant: 'me', track: 't1', muted: true, byModerator: true } });
  await settle();
  assert.deepEqual(told, [true, true, false]);
  assert.equal(microphone.muted, true);
  assert.equal(hub.requests('SetTrack').length, 0);
  // Unmuted by the moderator: still ours to say.
  hub.say({ name: 'trackMuted', payload: { room: 'r', epoch: 1, participant: 'me', track: 't1', muted: false, byModerator: true } });
  await settle();
  assert.equal(microphone.muted, true);
  microphone.setMuted(false);
  await settle();
  assert.equal(microphone.muted, false);
});

test('kicked and closed are the end; nobody comes back by itself', async () => {
  for (const reason of ['kicked', 'closed']) {
    FakePeerConnection.made = [];
    const { hub, room } = await start();
    hub.say({ name: 'participantLeft', payload: { room: 'r', epoch: 1, participant: 'me', reason } });
    await settle();
    assert.equal(room.state, 'failed');
    assert.equal(hub.requests('JoinRoom').length, 1);
  }
});

test('a moderator\'s calls name the room', async () => {
  const { hub, room } = await start();
  await room.moderation.mute('t9', true, true);
  await room.moderation.kick('bob', 'noise');
  await room.moderation.close();
  assert.deepEqual(hub.requests('MuteTrack'), [{ room: 'r', track: 't9', muted: true, locked: true }]);
  assert.deepEqual(hub.requests('KickParticipant'), [{ room: 'r', participant: 'bob', reason: 'noise' }]);
  hub.handlers.CloseRoom = () => {
    throw hubError('forbidden');
  };
  await assert.rejects(room.moderation.close(), { code: 'forbidden' });
});

test('the transport is reported: ICE servers that failed, the pair in use, restarts', async () => {
  const { hub, pc, clock } = await start();
  pc.stats = new Map<string, object>([
    ['T', { type: 'transport', selectedCandidatePairId: 'P' }],
    ['P', { type: 'candidate-pair', localCandidateId: 'L', remoteCandidateId: 'R' }],
    ['L', { candidateType: 'relay', url: 'turn:one' }],
    ['R', { candidateType: 'host', protocol: 'udp' }],
  ]);
  pc.dispatchEvent(Object.assign(new Event('icecandidateerror'), { url: 'turn:two', errorCode: 701, errorText: 'no' }));
  pc.become('connected');
  await settle();
  assert.deepEqual(hub.requests('ReportTransport'), [{
    room: 'r', restarts: 0, iceErrors: [{ url: 'turn:two', code: 701, text: 'no' }],
    selectedPair: { local: 'relay', remote: 'host', protocol: 'udp', relayUrl: 'turn:one' },
  }]);
  await clock.advance(10_000);
  pc.become('failed');
  await settle();
  assert.deepEqual(hub.requests('ReportTransport')[1], { room: 'r', restarts: 1, iceErrors: [] });
});

test('another network restarts ICE at once, and what stands is used meanwhile', () => {
  const target = new EventTarget();
  const pc = new FakePeerConnection();
  const heard: string[] = [];
  const listener = Object.fromEntries(['connected', 'interrupted', 'restart', 'lost'].map(name => [name, () => heard.push(name)])) as never;
  const watch = new TransportWatch(pc as never, new FakeClock(), listener);
  const network = new NetworkWatch(() => watch.networkChanged(), target);
  target.dispatchEvent(new Event('online')); // Nothing to restart yet.
  pc.become('connected');
  target.dispatchEvent(new Event('online'));
  assert.deepEqual(heard, ['connected', 'restart']);
  pc.become('disconnected');
  target.dispatchEvent(new Event('online'));
  target.dispatchEvent(new Event('online')); // It is under way.
  assert.deepEqual(heard.slice(2), ['interrupted', 'interrupted', 'restart']);
  network.stop();
  pc.become('connected');
  target.dispatchEvent(new Event('online'));
  assert.deepEqual(heard.slice(5), ['connected']);
  watch.stop();
});
