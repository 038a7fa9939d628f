namespace Realtime.Signaling.Moderation;

/// <summary>How one user stands in one channel, as it is stored.</summary>
/// <param name="BannedUntil">Null: not banned; <see cref="DateTimeOffset.MaxValue"/>: until lifted.</param>
/// <param name="TimedOutUntil">Null: may write.</param>
/// <param name="Removed">Was kicked and has not joined again: an old session must not bring the user back in.</param>
public readonly record struct Standing(ChannelRole Role, DateTimeOffset? BannedUntil = null, DateTimeOffset? TimedOutUntil = null, bool Removed = false)
{
    public bool IsBanned(DateTimeOffset now) => BannedUntil > now;

    public bool IsTimedOut(DateTimeOffset now) => TimedOutUntil > now;
}

/// <summary>What is known of a channel when somebody wants something of it.</summary>
/// <param name="Deleted">It was deleted: nobody may anything, until it is made again.</param>
/// <param name="Standings">Everybody about whom something is stored; the others have no role and no restriction.</param>
/// <param name="Complete">False: there are more than are named here, look them up one by one.</param>
public sealed record ChannelPolicy(ChannelKind Kind, bool Deleted, IReadOnlyDictionary<string, Standing> Standings, bool Complete = true)
{
    /// <summary>Of a channel that is not in the database.</summary>
    public static ChannelPolicy Unknown { get; } = new(ChannelKind.Public, false, new Dictionary<string, Standing>());
}
