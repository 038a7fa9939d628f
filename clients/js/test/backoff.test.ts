import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Backoff } from '../src/connection/backoff.js';
import { FakeClock } from './fakes/fake-clock.js';

test('the delay doubles from 0.5 s to 30 s, full jitter below it, never under 50 ms', () => {
  const clock = new FakeClock();
  for (const dice of [0, 0.25, 0.999]) {
    clock.dice = dice;
    const backoff = new Backoff(clock);
    for (let n = 0; n < 40; n++) {
      const ceiling = Math.min(30_000, 500 * 2 ** n);
      const delay = backoff.next();
      assert.ok(delay >= 50 && delay <= Math.max(50, ceiling), `attempt ${n}: ${delay}`);
      assert.equal(delay, Math.max(50, dice * ceiling));
    }
  }
});

test('what the server asked for comes on top', () => {
  const backoff = new Backoff(new FakeClock());
  assert.equal(backoff.next(4_000), 4_250);
});

test('success limits what follows to 2 s; a stable minute forgets it all', () => {
  const clock = new FakeClock();
  clock.dice = 0.999_999;
  const backoff = new Backoff(clock);
  for (let i = 0; i < 10; i++) backoff.next();
  backoff.succeeded();
  assert.ok(backoff.next() <= 2_000);
  backoff.succeeded();
  clock.time += Backoff.stableMs;
  assert.ok(backoff.next() <= 500);
});
