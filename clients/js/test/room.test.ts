import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { settle } from './fakes/fake-clock.js';
import { hubError, welcome } from './fakes/fake-hub.js';
import { FakePeerConnection, FakeTrack } from './fakes/fake-peer-connection.js';
import { answer, person, start, track } from './fakes/room-bench.js';

beforeEach(() => {
  FakePeerConnection.made = [];
});

test('video is offered in the codec asked for first, VP8 unless told, and all others behind it', async () => {
  const codecs = ['video/VP8', 'video/rtx', 'video/VP9', 'video/H264', 'video/AV1', 'video/H264'].map(mimeType => ({ mimeType }));
  Object.assign(globalThis, { RTCRtpReceiver: { getCapabilities: () => ({ codecs }) } });
  try {
    const { room, pc } = await start();
    room.publish('video', null, { source: 'screen', codec: 'h264' });
    assert.deepEqual(pc.transceivers[1]!.codecs, ['video/VP8', 'video/rtx', 'video/VP9', 'video/H264', 'video/AV1', 'video/H264']);
    assert.deepEqual(pc.transceivers.at(-1)!.codecs, ['video/H264', 'video/H264', 'video/VP8', 'video/rtx', 'video/VP9', 'video/AV1']);
  } finally {
    Object.assign(globalThis, { RTCRtpReceiver: undefined });
  }
});

test('a track that cannot be played is told', async () => {
  const { hub, room } = await start();
  const told: unknown[] = [];
  room.on('trackUnplayable', event => told.push(event));
  const payload = { room: 'r', epoch: 1, participant: 'bob', track: 'v', codec: 'av1' };
  hub.say({ name: 'trackUnplayable', payload });
  assert.deepEqual(told, [payload]);
});

test('sections: transceivers are added until the counts match; a repetition adds none', async () => {
  const { hub, pc } = await start();
  for (let i = 0; i < 2; i++) hub.say({ name: 'sections', payload: { room: 'r', epoch: 1, audio: 4, video: 5 } });
  await settle();
  assert.equal(pc.transceivers.filter(t => t.direction === 'recvonly').length, 9);
  assert.equal(hub.requests('Negotiate').length, 1);
});

test('one negotiation in flight; whatever was asked for meanwhile is one more', async () => {
  const { hub } = await start();
  const answers: (() => void)[] = [];
  let inFlight = 0;
  let most = 0;
  hub.handlers.Negotiate = () => new Promise(resolve => {
    most = Math.max(most, ++inFlight);
    answers.push(() => {
      inFlight--;
      resolve({ sdp: 'answer' });
    });
  });
  for (let audio = 4; audio <= 8; audio++) {
    hub.say({ name: 'sections', payload: { room: 'r', epoch: 1, audio, video: 0 } });
    await settle();
  }
  answers.shift()!();
  await settle();
  answers.shift()!();
  await settle();
  assert.equal(most, 1);
  assert.equal(answers.length, 0);
  assert.deepEqual(hub.requests('Negotiate').map(r => r.sdp.split(' ').length), [9, 13]);
});

test('an offer whose answer was lost is made again', async () => {
  const { hub, clock } = await start();
  let asked = 0;
  hub.handlers.Negotiate = () => {
    if (++asked === 1) throw hubError('unavailable', { retryAfterMs: 500 });
    return { sdp: 'answer' };
  };
  hub.say({ name: 'sections', payload: { room: 'r', epoch: 1, audio: 4, video: 0 } });
  await clock.advance(2_000);
  assert.equal(asked, 2);
});

test('bound is authoritative: a section can change hands without a negotiation', async () => {
  const { hub, log, bound, room } = await start();
  log.length = 0;
  bound('2', 'bob', 'a1');
  bound('2', 'bob', 'a1');
  bound('2', 'eve', 'a2');
  bound('2');
  assert.deepEqual(log, ['+bob/a1', '-bob/a1', '+eve/a2', '-eve/a2']);
  assert.equal(hub.requests('Negotiate').length, 0);
  assert.deepEqual(room.remoteTracks, []);
});

test('who leaves takes their tracks along', async () => {
  const { hub, log, bound } = await start(answer({ participants: [person('me'), person('bob')], tracks: [track('a', 'bob', 'audio')] }));
  bound('2', 'bob', 'a');
  log.length = 0;
  for (let i = 0; i < 2; i++) hub.say({ name: 'participantLeft', payload: { room: 'r', epoch: 1, participant: 'bob', reason: 'left' } });
  assert.deepEqual(log, ['-bob/a', 'left bob left']);
});

test('mute acts at once and is told until the server knows, by the id it gave', async () => {
  const { hub, clock, room, microphone } = await start();
  room.localTracks[0]!.setMuted(true);
  await settle();
  assert.equal(microphone.enabled, false);
  assert.equal(hub.requests('SetTrack').length, 0, 'no id yet');
  let asked = 0;
  hub.handlers.SetTrack = () => {
    if (++asked === 1) throw hubError('rateLimited', { retryAfterMs: 1_000 });
    return { ok: true };
  };
  hub.say({ name: 'trackPublished', payload: { room: 'r', epoch: 1, track: track('mine', 'me', 'audio'), mid: '0' } });
  await clock.advance(2_000);
  assert.deepEqual(hub.requests('SetTrack').at(-1), { track: 'mine', muted: true, room: 'r' });
  assert.equal(asked, 2);
});

test('another device needs no negotiation', async () => {
  const { hub, room, pc } = await start();
  const other = new FakeTrack('audio', 'other');
  await room.localTracks[0]!.replace(other as never);
  assert.equal(pc.transceivers[0]!.sender.track, other);
  assert.equal(hub.requests('Negotiate').length, 0);
});

test('signaling comes and goes, the call does not notice', async () => {
  const { hub, clock, pc, log } = await start();
  pc.become('connected');
  log.length = 0;
  hub.handlers.Hello = () => welcome({ rooms: ['r'] });
  hub.drop();
  await clock.advance(1_000);
  assert.equal(hub.sockets, 2);
  assert.equal(hub.requests('JoinRoom').length, 1);
  assert.equal(FakePeerConnection.made.length, 1);
  assert.deepEqual(log, []);
});

test('a resume that lost the session joins again and hands over when the new connection plays', async () => {
  const { hub, clock, pc, log, bound, room } = await start(answer({ participants: [person('me'), person('bob')], tracks: [track('a', 'bob', 'audio')] }));
  pc.become('connected');
  bound('2', 'bob', 'a');
  log.length = 0;
  hub.handlers.JoinRoom = () => answer({ participant: 'me2', participants: [person('me2'), person('bob')], tracks: [track('a', 'bob', 'audio')] });
  hub.drop();
  await clock.advance(1_000);
  const next = FakePeerConnection.made[1]!;
  assert.notEqual(pc.connectionState, 'closed', 'the old one is kept until the new one plays');
  bound('2', 'bob', 'a');
  next.become('connected');
  next.transceivers[2]!.receiver.track.play();
  assert.equal(pc.connectionState, 'closed');
  assert.equal(room.peerConnection, next as never);
  assert.deepEqual(log.filter(line => line.includes('bob')), ['+bob/a']);
});

test('a silent transport restarts ICE, then joins again as somebody new', async () => {
  const { hub, clock, pc, log } = await start();
  pc.become('connected');
  log.length = 0;
  pc.become('disconnected');
  await clock.advance(2_600);
  assert.equal(pc.restarts, 1);
  assert.equal(hub.requests('Negotiate').length, 1);
  await clock.advance(9_000);
  assert.deepEqual(hub.calls.slice(-2).map(c => c.method), ['LeaveRoom', 'JoinRoom']);
  assert.equal(FakePeerConnection.made.length, 2);
});

test('a restart that helps is the end of it', async () => {
  const { clock, pc, hub } = await start();
  pc.become('connected');
  pc.become('failed');
  await settle();
  pc.become('connected');
  await clock.advance(60_000);
  assert.equal(pc.restarts, 1);
  assert.equal(hub.requests('JoinRoom').length, 1);
});

test('leaving closes the connection and says so; closing the client says it for every room', async () => {
  const { hub, client, pc, room } = await start();
  await client.close();
  assert.equal(pc.connectionState, 'closed');
  assert.equal(room.state, 'left');
  assert.deepEqual(hub.requests('LeaveRoom'), [{ room: 'r' }]);
  assert.equal(hub.connected, false);
});

test('a token that does not grant the call any more ends it, and it is not joined again', async () => {
  const { hub, clock, pc, room } = await start();
  const states: string[] = [];
  room.on('state', ({ state, error }) => states.push(`${state} ${error?.code}`));
  hub.say({ name: 'accessLost', payload: { room: 'r' } });
  await clock.advance(60_000);
  assert.deepEqual(states, ['failed forbidden']);
  assert.equal(pc.connectionState, 'closed');
  assert.equal(hub.requests('JoinRoom').length, 1);
});

test('a track that ends frees its section for the next of its source', async () => {
  const { hub, room, pc } = await start();
  const share = () => room.publish('video', new FakeTrack('video', 'screen') as never, { source: 'screen', simulcast: false });
  const screen = share();
  await settle();
  const section = pc.transceivers.at(-1)!;
  assert.deepEqual(hub.requests('Negotiate').at(-1)!.tracks!.map(label => label.source), ['microphone', 'camera', 'screen']);
  for (let i = 0; i < 2; i++) room.unpublish(screen);
  await settle();
  assert.deepEqual([section.direction, section.sender.track], ['inactive', null]);
  assert.deepEqual(hub.requests('Negotiate').at(-1)!.tracks!.map(label => label.source), ['microphone', 'camera']);
  share();
  await settle();
  assert.equal(pc.transceivers.at(-1), section);
  assert.equal(section.direction, 'sendonly');
  assert.equal(hub.requests('Negotiate').length, 3);
});

test('what we say of ourselves and want to see is told to every copy of the room that we join', async () => {
  const { hub, clock, room } = await start();
  await room.setMetadata({ hand: 'up' });
  room.setView({ pinned: ['bob'] });
  await settle();
  assert.deepEqual(hub.requests('SetParticipant'), [{ room: 'r', metadata: { hand: 'up' } }]);
  assert.deepEqual(hub.requests('SetView'), [{ room: 'r', pinned: ['bob'] }]);
  hub.handlers.JoinRoom = () => answer({ epoch: 2 });
  hub.say({ name: 'moved', payload: { room: 'r', epoch: 2 } });
  await clock.advance(1_000);
  assert.deepEqual(hub.requests('JoinRoom').at(-1)!.metadata, { hand: 'up' });
  assert.equal(hub.requests('SetView').length, 2);
});

test('metadata, speakers and quality of the others are told', async () => {
  const { hub, room } = await start(answer({ participants: [person('me'), person('bob')] }));
  const told: unknown[] = [];
  room.on('participantUpdated', info => told.push(info.metadata));
  room.on('speakers', ({ speakers }) => told.push(speakers));
  room.on('quality', ({ quality, reason, direction }) => told.push(`${quality} ${reason} ${direction}`));
  const where = { room: 'r', epoch: 1 };
  hub.say({ name: 'participantUpdated', payload: { ...where, participant: { ...person('bob'), metadata: 'new' } } });
  hub.say({ name: 'participantUpdated', payload: { ...where, participant: person('stranger') } });
  hub.say({ name: 'speakers', payload: { ...where, speakers: [{ participant: 'bob', level: 0.5 }] } });
  hub.say({ name: 'quality', payload: { ...where, participant: 'me', quality: 'poor', reason: 'loss', direction: 'up' } });
  assert.deepEqual(told, ['new', [{ participant: 'bob', level: 0.5 }], 'poor loss up']);
  assert.equal(room.roster.participant('bob')!.metadata, 'new');
  assert.equal(room.roster.participant('stranger'), undefined);
});
