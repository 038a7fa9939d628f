using System.Text.Json;
using System.Text.Json.Serialization;

namespace Realtime.Contracts;

/// <summary>A channel as REST shows it.</summary>
/// <param name="Kind"><c>public</c>, <c>private</c> or <c>direct</c>.</param>
/// <param name="Seq">Its last event.</param>
/// <param name="Retention">How long messages are kept, as [d.]hh:mm:ss; absent: for ever.</param>
/// <param name="Role">The caller's own: <c>owner</c>, <c>moderator</c> or <c>member</c>; absent when none.</param>
public sealed record ChannelInfo(
    string Channel, string Kind, long Epoch, long Seq, DateTimeOffset CreatedAt, string? Topic = null, JsonElement? Metadata = null, string? Owner = null, string? Retention = null,
    string? Role = null);

/// <param name="Kind"><c>public</c> (default) or <c>private</c>. Whoever makes a channel owns it.</param>
/// <param name="Metadata">An object of at most 4 KB.</param>
/// <param name="Members">Besides the owner, at most 100.</param>
public sealed record CreateChannelRequest(
    string? Channel, string? Kind = null, string? Topic = null, JsonElement? Metadata = null, string? Retention = null, IReadOnlyList<string>? Members = null);

/// <summary>What is absent stays as it is.</summary>
/// <param name="Topic">Empty: none.</param>
/// <param name="Retention">00:00:00: for ever.</param>
public sealed record ChangeChannelRequest(string? Kind = null, string? Topic = null, JsonElement? Metadata = null, string? Retention = null);

public sealed record ChannelMemberInfo(string User, string Role, string AddedBy, DateTimeOffset AddedAt);

/// <param name="Role"><c>member</c> (default), <c>moderator</c> or <c>owner</c>.</param>
public sealed record SetMemberRequest(string? Role = null);

/// <summary>A ban or a time-out in force.</summary>
/// <param name="Kind"><c>ban</c> or <c>timeOut</c>.</param>
/// <param name="Until">Absent: until lifted.</param>
public sealed record RestrictionInfo(string Channel, string User, string Kind, string By, DateTimeOffset At, string? Reason = null, DateTimeOffset? Until = null)
{
    /// <summary>What pages go on after.</summary>
    [JsonIgnore]
    public string Key => $"{User} {Kind}";
}
