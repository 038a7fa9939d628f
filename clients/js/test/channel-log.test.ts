import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChannelLog } from '../src/channels/channel-log.js';
import type { Message } from '../src/contracts.js';
import { message, messages } from './fakes/messages.js';

const seqs = (due: { seq: number }[]) => due.map(m => m.seq);

test('in order, each once, whatever order and repetition they come in', () => {
  const seed = Date.now() & 0xffff;
  console.log(`seed ${seed}`);
  let state = seed;
  const random = () => ((state = (state * 1_103_515_245 + 12_345) & 0x7fffffff) / 0x7fffffff);
  const log = new ChannelLog<Message>();
  log.startAt(1, 0);
  const stream = [...messages(1, 200), ...messages(1, 200)].sort(() => random() - 0.5);
  const out = stream.flatMap(m => seqs(log.accept(m)));
  assert.deepEqual(out, seqs(messages(1, 200)));
  assert.equal(log.hasGap, false);
});

test('before the join they wait, afterwards they follow it', () => {
  const log = new ChannelLog<Message>();
  assert.deepEqual(log.accept(message(7)), []);
  assert.deepEqual(log.accept(message(5)), []);
  assert.deepEqual(seqs(log.startAt(1, 5)), []);
  assert.deepEqual(seqs(log.accept(message(6))), [6, 7]);
});

test('an old epoch is dropped, a newer one is recognised', () => {
  const log = new ChannelLog<Message>();
  log.startAt(2, 10);
  assert.deepEqual(log.accept(message(11, { epoch: 1 })), []);
  assert.equal(log.isNewerEpoch(3), true);
  assert.equal(log.isNewerEpoch(2), false);
});

test('holes below a given number are closed, later ones are not', () => {
  const log = new ChannelLog<Message>();
  log.startAt(1, 1);
  for (const seq of [3, 4, 8]) log.accept(message(seq));
  assert.deepEqual(seqs(log.closeGaps(4)), [3, 4]);
  assert.equal(log.hasGap, true);
  assert.deepEqual(log.position, { epoch: 1, seq: 4 });
});

test('at most 1000 wait; the farthest are dropped', () => {
  const log = new ChannelLog<Message>();
  log.startAt(1, 0);
  for (let seq = 2; seq < 1_500; seq++) log.accept(message(seq));
  assert.equal(seqs(log.accept(message(1))).length, 1_001);
});
