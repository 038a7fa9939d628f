import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RealtimeError } from '../src/errors.js';
import { uuidv7 } from '../src/uuid.js';
import { hubError } from './fakes/fake-hub.js';

test('reads the JSON that the hub throws', () => {
  const error = RealtimeError.from(hubError('rateLimited', { retryAfterMs: 1200, field: 'text', incident: 'i1', scope: 'send' }));
  assert.deepEqual(
    [error.code, error.retryAfterMs, error.field, error.incident, error.scope, error.retryable],
    ['rateLimited', 1200, 'text', 'i1', 'send', true]);
});

test('a call cut off by the socket has an unknown outcome', () => {
  for (const thrown of [new Error('Invocation canceled.'), 'text', new Error('{not json}'), new Error('{"x":1}')]) {
    assert.equal(RealtimeError.from(thrown).code, 'unknownOutcome');
  }
});

test('a code of the future is an internal error here', () => {
  assert.equal(RealtimeError.from(hubError('teapot')).code, 'internal');
});

test('ids sort by time and are UUIDs of version 7', () => {
  const id = uuidv7(1_700_000_000_000);
  assert.match(id, /^018bcfe5-6800-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.ok(id < uuidv7(1_700_000_000_001));
});
