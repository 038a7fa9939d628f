import assert from 'node:assert/strict';
import { test } from 'node:test';
import { outgoingBitrate, withStartBitrate } from '../src/rooms/start-bitrate.js';

const answer = [
  'v=0', 'm=audio 9 UDP/TLS/RTP/SAVPF 111', 'a=recvonly', 'a=rtpmap:111 opus/48000/2', 'a=fmtp:111 useinbandfec=1',
  'm=video 9 UDP/TLS/RTP/SAVPF 96 97', 'a=recvonly', 'a=rtpmap:96 VP8/90000', 'a=rtpmap:97 rtx/90000', 'a=fmtp:97 apt=96',
  'm=video 9 UDP/TLS/RTP/SAVPF 45', 'a=recvonly', 'a=rtpmap:45 AV1/90000', 'a=fmtp:45 profile=0',
  'm=video 9 UDP/TLS/RTP/SAVPF 96', 'a=sendonly', 'a=rtpmap:96 VP8/90000', '',
].join('\r\n');

test('the rate to begin with is written into the formats that are sent, and nowhere else', () => {
  assert.deepEqual(withStartBitrate(answer, 1_500_400).split('\r\n'), answer
    .replace('a=rtpmap:96 VP8/90000\r\na=rtpmap:97', 'a=rtpmap:96 VP8/90000\r\na=fmtp:96 x-google-start-bitrate=1500\r\na=rtpmap:97')
    .replace('profile=0', 'profile=0;x-google-start-bitrate=1500')
    .split('\r\n'));
});

test('a rate that is not known, or less than browsers begin with anyway, is not', () => {
  assert.equal(withStartBitrate(answer), answer);
  assert.equal(withStartBitrate(answer, 250_000), answer);
});

test('what a connection carries is what the pair in use is thought to carry', async () => {
  const stats = new Map<string, object>([['a', { type: 'candidate-pair' }], ['b', { type: 'candidate-pair', availableOutgoingBitrate: 900_000 }], ['c', { type: 'transport' }]]);
  assert.equal(await outgoingBitrate({ getStats: async () => stats } as never), 900_000);
  stats.delete('b');
  assert.equal(await outgoingBitrate({ getStats: async () => stats } as never), undefined);
});
