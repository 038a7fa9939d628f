using System.Text.Json;

namespace Realtime.Contracts;

/// <summary>
/// One entry of the audit log. <c>Hash</c> is the SHA-256 (hex) of the previous hash's 32 bytes and, in UTF-8, the JSON array
/// <c>[seq, at in microseconds since 1970, actor, action, channel, target, reason, details]</c> as Postgres writes it: <c>", "</c> between members, <c>null</c> for what is absent, details as a string.
/// </summary>
public sealed record AuditEntry(
    long Seq, DateTimeOffset At, string Actor, string Action, string? Channel, string? Target, string? Reason, JsonElement? Details, string Previous, string Hash);

/// <param name="Checked">Entries that are as they were written, from the first on.</param>
/// <param name="Broken">The first entry that is not, or that is missing; absent when the log is whole.</param>
public sealed record AuditVerification(bool Intact, long Checked, string Head, long? Broken = null);

/// <summary>How far the erasure of a user has come.</summary>
/// <param name="State"><c>pending</c> or <c>done</c>.</param>
public sealed record ErasureInfo(string User, string State, DateTimeOffset RequestedAt, string RequestedBy, DateTimeOffset? FinishedAt = null);
