using System.Text.Json;
using Npgsql;
using Realtime.Contracts;

namespace Realtime.Signaling.Data;

/// <summary>What somebody with power did. No message texts and no names in here: the log is kept for ever, beyond the erasure of a user.</summary>
/// <param name="Actor">The user who did it; <c>key:ID</c> for an API key, <c>realtime</c> for the service itself.</param>
/// <param name="Action">A verb, camelCase: <see cref="ModerationAction"/>, <see cref="AuditAction"/>.</param>
/// <param name="Target">A user, a token's id, a message's id, a node … whatever it was done to.</param>
/// <param name="Details">Anything else, as JSON.</param>
public sealed record AuditRecord(string Actor, string Action, string? Channel = null, string? Target = null, string? Reason = null, object? Details = null);

/// <summary>Actions in the audit log besides <see cref="ModerationAction"/>.</summary>
public static class AuditAction
{
    public const string ChannelCreated = "channelCreated";
    public const string ChannelChanged = "channelChanged";
    public const string ChannelDeleted = "channelDeleted";
    public const string MemberSet = "memberSet";
    public const string MemberRemoved = "memberRemoved";
    public const string TokenRevoked = "tokenRevoked";
    public const string UserRevoked = "userRevoked";
    public const string KeyCreated = "keyCreated";
    public const string KeyRotated = "keyRotated";
    public const string KeyRetired = "keyRetired";
    public const string KeyRevoked = "keyRevoked";
    public const string Recovery = "recovery";
    public const string QuarantineLifted = "quarantineLifted";
    public const string NodeDrained = "nodeDrained";
    public const string NodeUndrained = "nodeUndrained";
    public const string RoomMoved = "roomMoved";
    public const string TrackMuted = "trackMuted";
    public const string TrackUnmuted = "trackUnmuted";
    public const string ParticipantKicked = "participantKicked";
    public const string RoomClosed = "roomClosed";
    public const string RoomSet = "roomSet";
    public const string UserExported = "userExported";
    public const string ErasureRequested = "erasureRequested";
    public const string UserErased = "userErased";
    public const string WebhookCreated = "webhookCreated";
    public const string WebhookChanged = "webhookChanged";
    public const string WebhookDeleted = "webhookDeleted";
    public const string WebhookRotated = "webhookRotated";
    public const string DeliveriesReplayed = "deliveriesReplayed";
    public const string FaultsChanged = "faultsChanged";
    public const string LimitChanged = "limitChanged";
    public const string LimitReleased = "limitReleased";
    public const string AttachmentRemoved = "attachmentRemoved";
}

/// <summary>
/// The audit log: only ever appended to, each row's hash covering the one before (SQL function <c>audit_append</c>), so that a change or a hole is found. It is
/// written in the transaction of what it records; who has none of its own calls <see cref="RecordAsync"/>.
/// </summary>
public sealed class AuditLog(Database database)
{
    /// <summary>
    /// For a statement that does something and records it: a CTE <c>audited as (select audit_append(…) from changed)</c>, which must be referred to, or Postgres leaves it out.
    /// Arguments: actor, action, channel, target, reason, details (JSON text).
    /// </summary>
    public const string Function = "audit_append";

    /// <summary>In a transaction of its own: for what is not done in Postgres.</summary>
    /// <exception cref="Errors.RealtimeException"><c>unavailable</c>: it is not recorded, so do not do it.</exception>
    public Task RecordAsync(AuditRecord record, CancellationToken cancellation) =>
        database.RunAsync("audit", (connection, token) => AppendAsync(connection, record, token), cancellation);

    /// <summary>In the transaction that is open on the connection, as its last statement: from here to the commit everybody else's entries wait.</summary>
    public static async Task<long> AppendAsync(NpgsqlConnection connection, AuditRecord record, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"select {Function}($1, $2, $3, $4, $5, $6)", connection);
        command.Parameters.Add(new() { Value = record.Actor });
        command.Parameters.Add(new() { Value = record.Action });
        command.Parameters.Add(SqlText.Of(record.Channel));
        command.Parameters.Add(SqlText.Of(record.Target));
        command.Parameters.Add(SqlText.Of(record.Reason));
        command.Parameters.Add(SqlText.Of(record.Details is null ? null : JsonSerializer.Serialize(record.Details, ContractsJson.Options)));
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }
}
