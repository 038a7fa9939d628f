import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RealtimeClient } from '../src/client.js';
import { FakeClock, settle } from './fakes/fake-clock.js';
import { FakeHub, hubError } from './fakes/fake-hub.js';

/** A token of which only the end can be read. */
const token = (number: number, endsAt: number) => `${number}.${btoa(JSON.stringify({ exp: endsAt / 1000 }))}.signature`;

function start(lifeMs: number) {
  const hub = new FakeHub();
  const clock = new FakeClock();
  let asked = 0;
  const client = new RealtimeClient('http://hub', async () => token(++asked, clock.now() + lifeMs), { transport: hub.transport, clock });
  const renewed = () => hub.requests('RefreshToken').map(request => request.token.split('.')[0]);
  return { hub, clock, client, renewed };
}

test('a newer token is given before the old one ends, on the same connection', async () => {
  const { hub, clock, renewed } = start(3_600_000);
  await clock.advance(3_539_000);
  assert.deepEqual(renewed(), []);
  await clock.advance(2_000);
  assert.deepEqual(renewed(), ['2']);
  await clock.advance(3_600_000);
  assert.deepEqual(renewed(), ['2', '3']);
  assert.equal(hub.sockets, 1);
});

test('a refusal is tried again with the same new token', async () => {
  const { hub, clock, renewed } = start(3_600_000);
  let refuse = 2;
  hub.handlers.RefreshToken = async () => {
    if (refuse-- > 0) throw hubError('unavailable');
    return { expires: '2027-01-01T00:00:00Z' };
  };
  await clock.advance(3_599_000);
  assert.deepEqual(renewed(), ['2', '2', '2']);
  assert.equal(hub.sockets, 1);
});

test('what a new connection came with need not be given again', async () => {
  const { hub, clock, renewed } = start(3_600_000);
  hub.handlers.RefreshToken = async () => {
    throw hubError('unavailable');
  };
  await clock.advance(3_541_000);
  hub.drop();
  await clock.advance(60_000);
  assert.equal(hub.tokens.at(-1)?.split('.')[0], '2');
  assert.deepEqual(renewed(), ['2']);
});

test('a token that lives briefly is not asked for all the time, one that lives for ever not at all', async () => {
  const brief = start(10_000);
  await brief.clock.advance(60_000);
  assert.ok(brief.renewed().length <= 12, `${brief.renewed().length} in a minute`);
  const long = start(400 * 86_400_000);
  await long.clock.advance(30 * 86_400_000);
  assert.deepEqual(long.renewed(), []);
});

test('a fixed token is never renewed', async () => {
  const hub = new FakeHub();
  const clock = new FakeClock();
  new RealtimeClient('http://hub', token(1, clock.now() + 70_000), { transport: hub.transport, clock });
  await settle();
  await clock.advance(120_000);
  assert.equal(hub.requests('RefreshToken').length, 0);
});
