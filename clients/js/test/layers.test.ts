import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import type { LayersEvent, TrackWish } from '../src/contracts.js';
import { SendDemand } from '../src/rooms/send-demand.js';
import { addSending, layersFor } from '../src/rooms/sending.js';
import { Wishes } from '../src/rooms/wishes.js';
import { FakeClock, settle } from './fakes/fake-clock.js';
import { FakePeerConnection } from './fakes/fake-peer-connection.js';
import { answer, person, start } from './fakes/room-bench.js';

beforeEach(() => {
  FakePeerConnection.made = [];
});

const wanted = (more: Partial<LayersEvent>): LayersEvent => ({ room: 'r', epoch: 1, track: 'v', wanted: [], paused: false, ...more });
const camera = (width: number, height: number) => ({ getSettings: () => ({ width, height }) });

/** What a sender would do with its parameters. */
class FakeSender {
  track = camera(640, 360);
  encodings: { rid?: string; active: boolean; scalabilityMode?: string; scaleResolutionDownBy?: number; scaleResolutionDownTo?: object }[];
  changes = 0;

  constructor(encodings: FakeSender['encodings']) {
    this.encodings = encodings;
  }

  getParameters(): { encodings: FakeSender['encodings'] } {
    return { encodings: this.encodings.map(encoding => ({ ...encoding })) };
  }

  async setParameters(parameters: { encodings: FakeSender['encodings'] }): Promise<void> {
    await settle();
    this.encodings = parameters.encodings;
    this.changes++;
  }
}

const demandOf = (sender: FakeSender, mode?: string) => new SendDemand(sender as unknown as RTCRtpSender, mode);

test('a camera is offered in three sizes, of which only the full one is encoded before anybody asks for another', () => {
  const made: unknown[] = [];
  const pc = { addTransceiver: (_: unknown, init: { sendEncodings?: unknown[] }) => (made.push(init.sendEncodings), { setCodecPreferences: () => undefined }) };
  addSending(pc as never, 'video', 'video', { maxBitrate: 800_000 });
  addSending(pc as never, 'video', 'video', { codec: 'vp9', scalabilityMode: 'L3T3_KEY' });
  addSending(pc as never, 'video', 'video', { simulcast: false, maxBitrate: 5 });
  addSending(pc as never, 'audio', 'audio', {});
  assert.deepEqual(made, [
    [
      { rid: 'q', scaleResolutionDownBy: 4, maxBitrate: 100_000, active: false },
      { rid: 'h', scaleResolutionDownBy: 2, maxBitrate: 266_667, active: false },
      { rid: 'f', scaleResolutionDownBy: 1, maxBitrate: 800_000, active: true },
    ],
    [{ scalabilityMode: 'L3T3_KEY' }],
    [{ maxBitrate: 5 }],
    undefined,
  ]);
});

test('encodings go on and off as somebody needs them, one change at a time, and nothing happens for what is so already', async () => {
  const sender = new FakeSender([{ rid: 'q', active: false }, { rid: 'h', active: false }, { rid: 'f', active: true }]);
  const demand = demandOf(sender);
  const active = () => sender.encodings.filter(encoding => encoding.active).map(encoding => encoding.rid).join('');
  await demand.apply(wanted({ wanted: ['f'] }));
  assert.equal(sender.changes, 1); // Their sizes.
  sender.changes = 0;
  await demand.apply(wanted({ wanted: ['f'] }));
  assert.equal(sender.changes, 0);
  const changes = [demand.apply(wanted({ wanted: ['q', 'f'] })), demand.apply(wanted({ wanted: ['h'] })), demand.apply(wanted({ wanted: ['q'] }))];
  await Promise.all(changes);
  assert.equal(active(), 'q');
  assert.equal(sender.changes, 2); // What was overtaken is not done.
  await demand.apply(wanted({ paused: true }));
  assert.equal(active(), '');
});

test('the sizes of a simulcast are named, and named again when another camera takes over', async () => {
  const sender = new FakeSender([{ rid: 'q', active: false }, { rid: 'h', active: false }, { rid: 'f', active: true }]);
  const demand = demandOf(sender);
  await demand.mediaChanged();
  assert.equal(sender.changes, 0); // Nobody asked yet.
  await demand.apply(wanted({ wanted: ['h', 'f'] }));
  const boxes = () => sender.encodings.map(({ scaleResolutionDownTo }) => scaleResolutionDownTo);
  const full = { maxWidth: 16_384, maxHeight: 16_384 };
  assert.deepEqual(boxes(), [{ maxWidth: 160, maxHeight: 90 }, { maxWidth: 320, maxHeight: 180 }, full]);
  sender.track = camera(1281, 721);
  await demand.mediaChanged();
  assert.deepEqual(boxes(), [{ maxWidth: 321, maxHeight: 181 }, { maxWidth: 641, maxHeight: 361 }, full]);
  sender.track = camera(0, 0); // A size that the browser does not tell: what was said stays.
  await demand.mediaChanged();
  assert.deepEqual(boxes()[1], { maxWidth: 641, maxHeight: 361 });
});

test('of a scalable stream the layers above the largest picture that is needed are not encoded', async () => {
  assert.deepEqual(layersFor('L3T3_KEY', {}, camera(640, 360)), { mode: 'L3T3_KEY', scale: 1 });
  assert.deepEqual(layersFor('L3T3_KEY', { maxWidth: 640, maxHeight: 360 }, camera(640, 360)), { mode: 'L3T3_KEY', scale: 1 });
  assert.deepEqual(layersFor('L3T3_KEY', { maxWidth: 639, maxHeight: 360 }, camera(640, 360)), { mode: 'L2T3_KEY', scale: 2 });
  assert.deepEqual(layersFor('L3T3_KEY', { maxWidth: 90, maxHeight: 160 }, camera(640, 360)), { mode: 'L1T3', scale: 4 });
  assert.deepEqual(layersFor('L3T3', { maxWidth: 1, maxHeight: 1 }, camera(640, 360)), { mode: 'L1T3', scale: 4 });
  assert.deepEqual(layersFor('L1T3', { maxWidth: 1, maxHeight: 1 }, camera(640, 360)), { mode: 'L1T3', scale: 1 });
  assert.deepEqual(layersFor('L3T3', { maxWidth: 1, maxHeight: 1 }, null), { mode: 'L3T3', scale: 1 });
  const sender = new FakeSender([{ active: true, scalabilityMode: 'L3T3_KEY' }]);
  await demandOf(sender, 'L3T3_KEY').apply(wanted({ maxWidth: 330, maxHeight: 200 }));
  assert.deepEqual(sender.encodings, [{ active: true, scalabilityMode: 'L2T3_KEY', scaleResolutionDownBy: 2 }]);
  await demandOf(sender, 'L3T3_KEY').apply(wanted({ paused: true }));
  assert.equal(sender.encodings[0]!.active, false);
});

test('wishes that change together are told together, at most a few times a second, and again to a new presence', async () => {
  const clock = new FakeClock();
  const told: TrackWish[][] = [];
  let refuse = false;
  const wishes = new Wishes(clock, async tracks => {
    if (refuse) throw new Error('lost');
    told.push(tracks);
  });
  wishes.set('a', { maxWidth: 320, maxHeight: 180, paused: false });
  wishes.set('a', { maxWidth: 640, maxHeight: 360, paused: false });
  wishes.set('b', { paused: true });
  await clock.advance(Wishes.settleMs);
  assert.deepEqual(told, [[{ maxWidth: 640, maxHeight: 360, paused: false, track: 'a' }, { paused: true, track: 'b' }]]);
  for (let i = 0; i < 100; i++) {
    wishes.set('a', { maxWidth: i });
    await clock.advance(10);
  }
  assert.ok(told.length <= 6, `${told.length}`);
  wishes.set('a', { maxWidth: 99 });
  await clock.advance(1_000);
  const before = told.length;
  wishes.set('a', { maxWidth: 99 });
  await clock.advance(1_000);
  assert.equal(told.length, before);
  wishes.forget('b');
  wishes.repeat();
  await clock.advance(1_000);
  assert.deepEqual(told.at(-1), [{ maxWidth: 99, maxHeight: 360, paused: false, track: 'a' }]);
});

test('what the server says of our own track reaches its encodings', async () => {
  const { hub, pc } = await start(answer({ participants: [person('me')] }));
  const sender = new FakeSender([{ rid: 'q', active: false }, { rid: 'f', active: true }]);
  const video = pc.transceivers.find(({ direction, receiver }) => direction === 'sendonly' && receiver.track.kind === 'video')!;
  Object.assign(video.sender, { getParameters: () => sender.getParameters(), setParameters: (parameters: never) => sender.setParameters(parameters) });
  const track = { track: 't1', participant: 'me', kind: 'video' as const, codec: 'vp8', muted: false };
  hub.say({ name: 'trackPublished', payload: { room: 'r', epoch: 1, track, mid: video.mid! } });
  hub.say({ name: 'layers', payload: wanted({ track: 't1', wanted: ['q'] }) });
  hub.say({ name: 'layers', payload: wanted({ track: 'unknown', wanted: [] }) });
  await settle();
  await settle();
  assert.deepEqual(sender.encodings.map(encoding => encoding.active), [true, false]);
});

test('what the connection before encodes goes on being encoded until the move is over, whatever is needed here so far', async () => {
  const sender = new FakeSender([{ rid: 'q', active: false }, { rid: 'h', active: false }, { rid: 'f', active: true }]);
  const demand = demandOf(sender);
  const active = () => sender.encodings.filter(encoding => encoding.active).map(encoding => encoding.rid).join('');
  await demand.keep(wanted({ wanted: ['h'] }));
  assert.equal(active(), 'h');
  await demand.apply(wanted({ wanted: ['f'] }));
  assert.equal(active(), 'hf');
  await demand.apply(wanted({ paused: true }));
  assert.equal(active(), 'h');
  await demand.apply(wanted({ wanted: ['f'] }));
  await demand.settle();
  assert.equal(active(), 'f');
});
