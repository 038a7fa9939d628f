namespace Realtime.Contracts.MediaControl;

/// <summary>
/// A session over HTTP (WHIP or WHEP): a participant joins and offers in one command, so that nothing is left half done when its replica dies in between.
/// It publishes or plays by <paramref name="Via"/>, and has nobody to lead it to another node: it ends with this one.
/// </summary>
/// <param name="Via">One of <see cref="JoinedVia"/>.</param>
/// <param name="Play">Whose tracks a player gets: a participant or a user; null follows the room (whose video is out longest, else whose audio).</param>
/// <param name="Token">The <c>jti</c> it was opened with: told back to the replicas alone, so that any of them can end the session when the token is revoked.</param>
public sealed record OpenPeerCommand(
    string CommandId,
    string Room,
    long Epoch,
    string Participant,
    string User,
    string Name,
    string Via,
    string Sdp,
    string? Play = null,
    string? Token = null);

/// <param name="Ufrag">The server's: it names the ICE session until a restart.</param>
public sealed record OpenPeerResult(string Sdp, string Ufrag);

/// <summary>Candidates or an ICE restart of such a session. The server is ICE-lite and learns candidates from the checks themselves, so they are not passed on.</summary>
/// <param name="IfUfrag">The ICE sessions it is meant for, by the server's ufrag; null for whichever is current.</param>
/// <param name="Ufrag">The client's. Other credentials than before are a restart; null says nothing of them.</param>
public sealed record IcePeerCommand(
    string CommandId,
    string Room,
    long Epoch,
    string Participant,
    IReadOnlyList<string>? IfUfrag = null,
    string? Ufrag = null,
    string? Pwd = null);

/// <param name="Ufrag">The server's, as it is now.</param>
/// <param name="Matched">False: another ICE session is current, and nothing was done.</param>
/// <param name="Fragment">After a restart: the server's new credentials and candidates (<c>application/trickle-ice-sdpfrag</c>).</param>
public sealed record IcePeerResult(string Ufrag, bool Matched, string? Fragment = null);
