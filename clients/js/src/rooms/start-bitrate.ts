/** What browsers begin with by themselves. */
const usual = 300_000;

/** What a connection is thought to carry upwards, in bit/s, as far as the browser tells. */
export async function outgoingBitrate(pc: RTCPeerConnection): Promise<number | undefined> {
  let bitrate: number | undefined;
  (await pc.getStats()).forEach(({ type, availableOutgoingBitrate }: Partial<RTCIceCandidatePairStats>) => {
    if (type === 'candidate-pair') bitrate = Math.max(bitrate ?? 0, availableOutgoingBitrate ?? 0);
  });
  return bitrate || undefined;
}

/**
 * Lets the browser begin with this rate (bit/s) instead of one at which it leaves out the larger pictures for seconds. Chromium and Safari read it from the answer's formats, the
 * others ignore it.
 */
export function withStartBitrate(answer: string, bitrate = 0): string {
  if (bitrate <= usual) return answer;
  return answer.split(/^(?=m=)/m).map(section => {
    const format = /^m=video \d+ \S+ (\d+)/.exec(section)?.[1];
    if (format === undefined || !/^a=recvonly\r?$/m.test(section)) return section;
    const start = `x-google-start-bitrate=${Math.round(bitrate / 1000)}`;
    const known = new RegExp(`^a=fmtp:${format} [^\\r\\n]*`, 'm');
    return known.test(section)
      ? section.replace(known, line => `${line};${start}`)
      : section.replace(new RegExp(`^a=rtpmap:${format} [^\\r\\n]*(\\r?\\n)`, 'm'), (line, end: string) => `${line}a=fmtp:${format} ${start}${end}`);
  }).join('');
}
