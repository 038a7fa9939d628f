using Realtime.Contracts;
using Realtime.Signaling.Moderation;
using Xunit;

namespace Realtime.Tests.Signaling.Moderation;

/// <summary>Who may what, over every combination of kind, name, role, restriction and grant, against the sentences of the design written down a second time.</summary>
public sealed class AccessRulesTests
{
    static readonly DateTimeOffset Now = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);
    static readonly string Direct = DirectName.Of(["ann", "bob"]);

    static readonly DateTimeOffset?[] Moments = [null, Now - TimeSpan.FromSeconds(1), Now, Now + TimeSpan.FromSeconds(1), DateTimeOffset.MaxValue];

    static readonly IReadOnlyList<string>?[] Patterns = [null, [], ["*"], ["team-red"], ["team-*"], ["dm:*"], ["other"], [Direct]];

    static IEnumerable<(string Channel, ChannelPolicy Policy, Standing Standing, Grants Grants)> Everything() =>
        from channel in new[] { "team-red", Direct, "DM:team", "dm:x" }
        from kind in Enum.GetValues<ChannelKind>()
        from deleted in new[] { false, true }
        from role in Enum.GetValues<ChannelRole>()
        from ban in Moments
        from timeOut in Moments
        from removed in new[] { false, true }
        from patterns in Patterns
        from moderate in new bool?[] { null, false, true }
        from admin in new bool?[] { null, true }
        select (channel, new ChannelPolicy(kind, deleted, new Dictionary<string, Standing>()), new Standing(role, ban, timeOut, removed), new Grants(patterns, Moderate: moderate, Admin: admin));

    static bool Granted(Grants grants, string channel) =>
        grants.Channels?.Any(pattern => pattern == "*" || pattern == channel || (pattern.EndsWith('*') && channel.StartsWith(pattern[..^1], StringComparison.Ordinal))) == true;

    static bool IsDirect(string channel, ChannelPolicy policy) => policy.Kind == ChannelKind.Direct || channel.StartsWith("dm:", StringComparison.OrdinalIgnoreCase);

    static bool MayRead(string channel, ChannelPolicy policy, Standing standing, Grants grants) => IsDirect(channel, policy)
        ? policy.Kind == ChannelKind.Direct && standing.Role != ChannelRole.None
        : Granted(grants, channel) && !policy.Deleted && !(standing.BannedUntil > Now) && (policy.Kind == ChannelKind.Public || standing.Role != ChannelRole.None);

    [Fact]
    public void Reading_needs_the_grant_and_where_it_is_private_the_membership_and_a_direct_channel_the_membership_alone()
    {
        var (seen, allowed) = (0, 0);
        foreach (var (channel, policy, standing, grants) in Everything())
        {
            var expected = MayRead(channel, policy, standing, grants);
            Assert.Equal(expected, AccessRules.Read(channel, policy, standing, grants, Now) == AccessVerdict.Allowed);
            (seen, allowed) = (seen + 1, allowed + (expected ? 1 : 0));
        }
        Assert.Equal(4 * 3 * 2 * 4 * 5 * 5 * 2 * 8 * 3 * 2, seen);
        Assert.InRange(allowed, 1, seen / 2);
    }

    [Fact]
    public void Writing_needs_reading_and_no_time_out_and_resuming_needs_not_to_have_been_thrown_out()
    {
        foreach (var (channel, policy, standing, grants) in Everything())
        {
            var read = MayRead(channel, policy, standing, grants);
            Assert.Equal(read && !(standing.TimedOutUntil > Now), AccessRules.Write(channel, policy, standing, grants, Now) == AccessVerdict.Allowed);
            Assert.Equal(read && !standing.Removed, AccessRules.Resume(channel, policy, standing, grants, Now) == AccessVerdict.Allowed);
        }
    }

    [Fact]
    public void Moderating_needs_the_channel_granted_and_the_grant_or_a_role()
    {
        foreach (var (channel, policy, standing, grants) in Everything())
        {
            var expected = !IsDirect(channel, policy) && Granted(grants, channel) && !policy.Deleted && !(standing.BannedUntil > Now)
                && (grants.Moderate == true || standing.Role >= ChannelRole.Moderator);
            Assert.Equal(expected, AccessRules.Moderate(channel, policy, standing, grants, Now) == AccessVerdict.Allowed);
        }
    }

    [Fact]
    public void Every_refusal_has_a_word_and_those_of_direct_channels_have_all_the_same()
    {
        foreach (var verdict in Enum.GetValues<AccessVerdict>())
            Assert.Equal(verdict == AccessVerdict.Allowed, AccessRules.Refusal(verdict) is null);
        var member = new Standing(ChannelRole.Member);
        var all = new Grants(["*"], Moderate: true, Admin: true);
        AccessVerdict[] others =
        [
            AccessRules.Read(Direct, ChannelPolicy.Unknown, default, all, Now),
            AccessRules.Read(Direct, new ChannelPolicy(ChannelKind.Direct, false, new Dictionary<string, Standing>()), default, all, Now),
            AccessRules.Read(Direct, ChannelPolicy.Unknown, member, all, Now),
            AccessRules.Read("dm:guess", ChannelPolicy.Unknown, member, all, Now),
        ];
        Assert.Equal([AccessVerdict.NotGranted], others.Distinct());
    }
}
