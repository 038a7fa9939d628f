import type { RoomEnvironment } from './room-events.js';
import { RoomLink, type RoomLinkOptions } from './room-link.js';

/** A link to the room of that name: negotiates and reports through the client's signaling. */
export function linkTo(
  room: string, { clock, connection, iceServers, createPeerConnection }: RoomEnvironment, listener: Pick<RoomLinkOptions, 'changed' | 'started' | 'ended' | 'lost'>,
): RoomLink {
  return new RoomLink({
    clock,
    iceServers: () => iceServers.fresh,
    createPeerConnection,
    exchange: async (epoch, sdp, tracks) => (await connection.invoke('Negotiate', { room, epoch, sdp, tracks })).sdp,
    report: report => void connection.invoke('ReportTransport', { room, ...report }).catch(() => undefined), // The next one tells it.
    ...listener,
  });
}
