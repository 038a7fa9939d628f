import type { JoinRoomResult, MediaKind } from '../contracts.js';
import { RealtimeError } from '../errors.js';
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

/** How many tracks of each kind the others have: as many sections are needed to receive them. */
export function othersTracks({ participant, tracks }: JoinRoomResult): Record<MediaKind, number> {
  const count = (kind: MediaKind) => tracks.filter(track => track.participant !== participant && track.kind === kind).length;
  return { audio: count('audio'), video: count('video') };
}

/** A presence that the server may still hold: that it does not is as good. */
export async function leaveIfThere(connection: RoomEnvironment['connection'], room: string): Promise<void> {
  await connection.invoke('LeaveRoom', { room }).catch((error: unknown) => {
    if (!(error instanceof RealtimeError) || error.code !== 'notFound') throw error;
  });
}
