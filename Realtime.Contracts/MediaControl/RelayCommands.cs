namespace Realtime.Contracts.MediaControl;

/// <summary>
/// Opens one end of a link between two parts of a room: first at the part that is dialled, then at the one that dials. The media between them is SRTP under keys that travel in this
/// command alone; either end ends the link by ending.
/// </summary>
/// <param name="Link">Its id, the same at both ends.</param>
/// <param name="Keys">Base64: the dialling end's SRTP master key and salt (16 and 12 bytes), then the other's.</param>
/// <param name="Ufrag">With <paramref name="Pwd"/>: the ICE credentials of the end that is dialled.</param>
/// <param name="OwnSsrc">Of this end's reports; <paramref name="RemoteSsrc"/> of the other's.</param>
/// <param name="Dial">Where the other end listens, <c>address:port</c>; null at the end that is dialled.</param>
public sealed record RelayCommand(
    string CommandId, string Room, long Epoch, string Link, string Keys, string Ufrag, string Pwd, uint OwnSsrc, uint RemoteSsrc, string? Dial = null);

/// <param name="Address">Where the room's part listens: what the other end dials.</param>
public sealed record RelayResult(string Address);
