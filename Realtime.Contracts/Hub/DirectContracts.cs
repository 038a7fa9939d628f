using System.Text.Json;

namespace Realtime.Contracts;

/// <summary>A message to one or more users. The same people always talk in the same channel, whoever writes first.</summary>
/// <param name="To">1 to 9 users besides the sender.</param>
public sealed record SendDirectRequest(
    IReadOnlyList<string>? To,
    string? ClientMessageId,
    string? Text,
    IReadOnlyList<string>? Mentions = null,
    IReadOnlyList<JsonElement>? Attachments = null,
    IReadOnlyList<JsonElement>? Embeds = null,
    string? ReplyTo = null);

/// <summary>One entry of <c>GET /api/directs</c>, the latest activity first.</summary>
/// <param name="Members">All of them, the caller included.</param>
public sealed record DirectInfo(string Channel, IReadOnlyList<string> Members, long Epoch, long Seq, DateTimeOffset ActiveAt);

/// <param name="Channel">Where it stands: readable by its members alone, whatever a token grants.</param>
public sealed record SendDirectResult(string Channel, string Id, long Seq, DateTimeOffset CreatedAt, bool Duplicate, string Level = "stored");
