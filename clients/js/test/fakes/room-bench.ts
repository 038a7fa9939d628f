import { RealtimeClient } from '../../src/client.js';
import type { BoundEvent, JoinRoomResult, TrackInfo } from '../../src/contracts.js';
import { FakeClock, settle } from './fake-clock.js';
import { FakeHub } from './fake-hub.js';
import { FakePeerConnection, FakeTrack } from './fake-peer-connection.js';

export const person = (id: string) => ({ participant: id, user: id, name: id, joinedAt: '2026-01-01T00:00:00Z' });
export const track = (id: string, participant: string, kind: 'audio' | 'video'): TrackInfo => ({ track: id, participant, kind, codec: kind, muted: false });
export const answer = (more: Partial<JoinRoomResult> = {}): JoinRoomResult =>
  ({ room: 'r', epoch: 1, participant: 'me', iceServers: [], participants: [person('me')], tracks: [], sdp: 'answer', ...more });
export const spare = 'audio:recvonly audio:recvonly audio:recvonly video:recvonly video:recvonly video:recvonly';

export async function start(first: JoinRoomResult = answer()) {
  const hub = new FakeHub();
  const clock = new FakeClock();
  const client = new RealtimeClient('http://hub', 'token', { transport: hub.transport, clock, createPeerConnection: FakePeerConnection.create });
  await settle();
  hub.handlers.JoinRoom = () => first;
  const log: string[] = [];
  const microphone = new FakeTrack('audio');
  const room = await client.joinRoom('r', {
    publish: { audio: microphone as never, video: new FakeTrack('video') as never },
    listen: r => {
      r.on('trackStarted', t => log.push(`+${t.participant}/${t.id}`));
      r.on('trackEnded', t => log.push(`-${t.participant}/${t.id}`));
      r.on('participantJoined', p => log.push(`joined ${p.participant}`));
      r.on('participantLeft', ({ participant, reason }) => log.push(`left ${participant.participant} ${reason}`));
      r.on('state', ({ state }) => log.push(state));
    },
  });
  await settle();
  const pc = FakePeerConnection.made[0]!;
  const bound = (mid: string, participant?: string, id?: string, epoch = 1) =>
    hub.say({ name: 'bound', payload: { room: 'r', epoch, mid, participant, track: id } satisfies BoundEvent });
  return { hub, clock, client, room, pc, log, bound, microphone };
}
