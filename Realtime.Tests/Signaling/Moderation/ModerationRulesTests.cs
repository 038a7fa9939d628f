using System.Text.Json;
using Realtime.Contracts;
using Realtime.Signaling.Moderation;
using Xunit;

namespace Realtime.Tests.Signaling.Moderation;

public sealed class ModerationRulesTests
{
    static readonly DateTimeOffset Now = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Never_oneself_and_never_a_higher_role()
    {
        foreach (var acting in Enum.GetValues<ChannelRole>())
        {
            foreach (var target in Enum.GetValues<ChannelRole>())
            {
                Assert.Equal(target > acting, ModerationRules.Check("mod", acting, "ann", target) is not null);
                Assert.Equal(ErrorCode.Invalid, ModerationRules.Check("mod", acting, "mod", target)?.Code);
            }
        }
    }

    [Theory]
    [InlineData(ChannelRole.None, null, ChannelRole.None)]
    [InlineData(ChannelRole.None, true, ChannelRole.Moderator)]
    [InlineData(ChannelRole.Member, true, ChannelRole.Moderator)]
    [InlineData(ChannelRole.Moderator, false, ChannelRole.Moderator)]
    [InlineData(ChannelRole.Owner, true, ChannelRole.Owner)]
    public void The_grant_makes_a_moderator_and_takes_nothing_from_an_owner(ChannelRole stored, bool? grant, ChannelRole acting) =>
        Assert.Equal(acting, AccessRules.ActingAs(new Standing(stored), new Grants(Moderate: grant)));

    [Theory]
    [InlineData("c", "ann", null, null)]
    [InlineData("c", "ann", "spam", null)]
    [InlineData(null, "ann", null, "channel")]
    [InlineData("c d", "ann", null, "channel")]
    [InlineData("c", null, null, "user")]
    [InlineData("c", "a\u202enn", null, "user")]
    [InlineData("c", "ann", "two\nlines", "reason")]
    public void A_request_has_a_form(string? channel, string? user, string? reason, string? field) => Assert.Equal(field, ModerationRules.Check(channel, user, reason)?.Field);

    [Fact]
    public void Times_have_bounds()
    {
        Assert.Null(ModerationRules.CheckBan(null, Now));
        Assert.Null(ModerationRules.CheckBan(Now + TimeSpan.FromSeconds(1), Now));
        Assert.Equal("until", ModerationRules.CheckBan(Now, Now)?.Field);
        Assert.Null(ModerationRules.CheckTimeOut(Now + TimeSpan.FromDays(28), Now));
        Assert.Equal("until", ModerationRules.CheckTimeOut(Now + TimeSpan.FromDays(28.1), Now)?.Field);
        Assert.Equal(ErrorCode.TooLarge, ModerationRules.CheckReason(new string('x', 501))?.Code);
    }

    [Fact]
    public void A_direct_channel_is_named_after_its_members_whoever_writes_first()
    {
        var name = DirectName.Of(["bob", "ann"]);
        Assert.Equal(name, DirectName.Of(["ann", "bob", "ann"]));
        Assert.True(DirectName.IsOne(name));
        Assert.True(Realtime.Signaling.Channels.NameRules.IsName(name));
        // Case, order of letters, joined ids: other people, another channel.
        string[][] others = [["Ann", "bob"], ["annbob"], ["ann", "bob", "eve"], ["a", "nnbob"], ["ann"], ["bob"]];
        Assert.Equal(others.Length + 1, others.Select(DirectName.Of).Append(name).Distinct().Count());
        foreach (var like in new[] { "DM:" + name[3..], "dm:", name + "x", name[..^1], "dM:x" })
            Assert.True(DirectName.IsReserved(like) && !DirectName.IsOne(like));
    }

    [Theory]
    [InlineData(new string[0], "to")]
    [InlineData(new[] { "ann" }, "to")]
    [InlineData(new[] { "bob", "bob" }, "to")]
    [InlineData(new[] { "bob", "b b" }, "to")]
    [InlineData(new[] { "1", "2", "3", "4", "5", "6", "7", "8", "9", "10" }, "to")]
    [InlineData(new[] { "1", "2", "3", "4", "5", "6", "7", "8", "9" }, null)]
    [InlineData(new[] { "bob", "Ann" }, null)]
    public void A_direct_message_goes_to_one_to_nine_others(string[] to, string? field)
    {
        var members = DirectRules.Members("ann", to, out var refusal);
        Assert.Equal(field, refusal?.Field);
        Assert.Equal(field is null ? to.Length + 1 : null, members?.Count);
    }

    [Fact]
    public void Roles_are_given_by_owners_and_members_by_moderators()
    {
        foreach (var acting in Enum.GetValues<ChannelRole>())
        {
            foreach (var before in Enum.GetValues<ChannelRole>())
            {
                foreach (var next in Enum.GetValues<ChannelRole>())
                {
                    var allowed = acting == ChannelRole.Owner || (acting == ChannelRole.Moderator && before <= ChannelRole.Member && next <= ChannelRole.Member);
                    Assert.Equal(allowed, ChannelRules.CheckMember("mod", acting, "ann", new Standing(before), next, Now) is null);
                }
            }
        }
        Assert.Null(ChannelRules.CheckMember("ann", ChannelRole.None, "ann", new Standing(ChannelRole.Member), ChannelRole.None, Now));
        Assert.NotNull(ChannelRules.CheckMember("ann", ChannelRole.None, "ann", new Standing(ChannelRole.Member), ChannelRole.Owner, Now));
        Assert.Equal(ErrorCode.Conflict, ChannelRules.CheckMember("own", ChannelRole.Owner, "ann", new Standing(ChannelRole.None, DateTimeOffset.MaxValue), ChannelRole.Member, Now)?.Code);
    }

    [Theory]
    [InlineData("dm:x", null, null, null, "channel")]
    [InlineData("DM:x", null, null, null, "channel")]
    [InlineData("x y", null, null, null, "channel")]
    [InlineData("c", "direct", null, null, "kind")]
    [InlineData("c", "private", "a\u0007b", null, "topic")]
    [InlineData("c", "private", null, "30", null)]
    [InlineData("c", "private", null, "x", "retention")]
    [InlineData("c", null, null, "00:00:01", "retention")]
    [InlineData("c", null, "all of it", "30.00:00:00", null)]
    public void A_channel_is_made_as_it_should_be(string channel, string? kind, string? topic, string? retention, string? field) =>
        Assert.Equal(field, ChannelRules.Check(new CreateChannelRequest(channel, kind, topic, Retention: retention))?.Field);

    [Fact]
    public void Metadata_is_a_small_object()
    {
        Assert.Null(ChannelRules.Check(new ChangeChannelRequest(Metadata: JsonDocument.Parse("""{"a":1}""").RootElement)));
        Assert.Equal("metadata", ChannelRules.Check(new ChangeChannelRequest(Metadata: JsonDocument.Parse("[1]").RootElement))?.Field);
        Assert.Equal("metadata", ChannelRules.Check(new ChangeChannelRequest(Metadata: JsonDocument.Parse("{\"a\":\"" + new string('x', 4096) + "\"}").RootElement))?.Field);
    }

    [Fact]
    public void News_say_what_they_mean_and_nonsense_is_none()
    {
        var news = new AccessNews(ModerationAction.Ban, "ann", "mod", "spam", Now);
        var json = JsonSerializer.Serialize(news, ContractsJson.Options);
        Assert.True(AccessNews.TryRead(json, out var read));
        Assert.Equal(news, read);
        Assert.DoesNotContain("removes", json, StringComparison.OrdinalIgnoreCase);
        foreach (var nonsense in new[] { null, "", "null", "[]", "{}", "{\"action\":5}", "{\"action\":null}" })
            Assert.False(AccessNews.TryRead(nonsense, out _));
    }
}
