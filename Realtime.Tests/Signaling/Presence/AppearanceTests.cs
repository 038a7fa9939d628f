using Realtime.Contracts;
using Realtime.Signaling.Presence;
using Xunit;

namespace Realtime.Tests.Signaling.Presence;

public class AppearanceTests
{
    static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    static PresenceEntry Device(string session, string status, int secondsAgo = 0, string boot = "b", UserActivity? activity = null) =>
        new(session, "ann", boot, 1, 0, status, Now.AddSeconds(-secondsAgo), activity);

    static Appearance Of(params PresenceEntry[] devices) => Appearance.Of(devices, static boot => boot == "silent", Now);

    [Theory]
    [InlineData("online", "online", "idle", "dnd", "invisible")]
    [InlineData("idle", "dnd", "idle", "invisible")]
    [InlineData("dnd", "invisible", "dnd")]
    [InlineData("offline", "invisible")]
    [InlineData("offline")]
    public void A_user_appears_as_the_most_reachable_device(string appears, params string[] devices) =>
        Assert.Equal(appears, Of([.. devices.Select(static (status, i) => Device($"s{i}", status))]).Status);

    [Fact]
    public void Among_equals_the_last_one_gives_time_and_activity()
    {
        var game = new UserActivity("chess");
        var shown = Of(Device("a", "idle", 1, activity: new UserActivity("hidden")), Device("b", "online", 60), Device("c", "online", 5, activity: game));
        Assert.Equal((PresenceStatus.Online, Now.AddSeconds(-5), game, false), (shown.Status, shown.Since, shown.Activity, shown.Stale));
    }

    [Fact]
    public void What_can_be_heard_goes_before_what_cannot()
    {
        Assert.Equal(("idle", false), (Of(Device("a", "online", boot: "silent"), Device("b", "idle")).Status, Of(Device("a", "online", boot: "silent"), Device("b", "idle")).Stale));
        Assert.Equal(("online", true), (Of(Device("a", "online", boot: "silent")).Status, Of(Device("a", "online", boot: "silent")).Stale));
        Assert.Equal(("online", true), (Of(Device("a", "online", boot: "silent"), Device("b", "invisible")).Status, Of(Device("a", "online", boot: "silent")).Stale));
    }
}
