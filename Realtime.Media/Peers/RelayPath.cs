using Realtime.Media.Core;
using Realtime.Media.Ice;
using Realtime.Media.Relay;

namespace Realtime.Media.Peers;

/// <summary>What a peer that is another part of the room is made of: no handshake, the keys came over the control channel.</summary>
/// <param name="Acceptor">The credentials of the end that is dialled: its own there, the remote's at the dialler.</param>
/// <param name="Address">Whom to dial; null at the end that is dialled.</param>
public sealed record RelayPath(RelayLink Link, RelayKeys Keys, IceCredentials Acceptor, NetAddress? Address);
