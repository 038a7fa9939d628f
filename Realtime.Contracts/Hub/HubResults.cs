namespace Realtime.Contracts;

/// <param name="Limits">Name of a limit → permits per window, so that a client can pace itself.</param>
/// <param name="IceServers">As <c>JoinRoom</c> returns them: an offer can be gathered before the room is joined.</param>
/// <param name="User">Whose token it is.</param>
public sealed record HelloResult(
    string Session,
    string ResumeToken,
    DateTimeOffset ServerTime,
    string Mode,
    IReadOnlyDictionary<string, LimitInfo> Limits,
    IReadOnlyList<ResumedChannel> Resumed,
    IReadOnlyList<string>? Rooms = null,
    IReadOnlyList<IceServer>? IceServers = null,
    string? User = null);

public sealed record LimitInfo(int Permits, long WindowMs);

/// <summary>The events <c>From</c>..<c>To</c> (inclusive) follow as events; with <c>TooOld</c> they are gone and the client must read history.</summary>
/// <param name="Members">Who is there now, because whoever came and went meanwhile was not told; absent where that are more than 200, or many in all (<c>JoinChannel</c> tells them).</param>
public sealed record ResumedChannel(string Channel, long From, long To, bool? TooOld = null, IReadOnlyList<ChannelMember>? Members = null);

/// <param name="Seq">The channel's last event: what follows comes live.</param>
/// <param name="History">Messages as they stand now. Changes have numbers of their own, so those of messages have holes.</param>
/// <param name="Read">How far this user has read, if ever told (<c>MarkRead</c>).</param>
public sealed record JoinChannelResult(
    string Channel, long Seq, IReadOnlyList<ChannelMember> Members, IReadOnlyList<Message> History, long Epoch = 1, long? Read = null);

public sealed record LeaveChannelResult(string Channel);

public sealed record ChannelMember(string User, string Name);

/// <param name="Duplicate">The same author had already stored this clientMessageId: id and seq are the stored ones.</param>
public sealed record SendMessageResult(string Id, long Seq, DateTimeOffset CreatedAt, bool Duplicate, string Level = "stored");

/// <summary>The answer to <c>LeaveRoom</c> and <c>SetTrack</c>.</summary>
public sealed record Done(bool Ok = true);

public sealed record NegotiateResult(string Sdp);
