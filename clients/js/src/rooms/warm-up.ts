/**
 * Lets the browser start what its first peer connection needs (threads, codecs, network interfaces), while somebody still looks
 * at a page from which they may join: the join itself finds it done.
 */
export async function warmUp(
  createPeerConnection: () => RTCPeerConnection = () => new RTCPeerConnection(),
): Promise<void> {
  const pc = createPeerConnection();
  try {
    for (const kind of ['audio', 'video']) pc.addTransceiver(kind);
    await pc.setLocalDescription(await pc.createOffer());
  } finally {
    pc.close();
  }
}
