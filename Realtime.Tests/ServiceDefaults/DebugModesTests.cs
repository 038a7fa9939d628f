using Realtime.ServiceDefaults.CrashSafety;
using Realtime.ServiceDefaults.Diagnostics;
using Realtime.Tests.CrashSafety;
using Realtime.Tests.Harness;
using Xunit;

namespace Realtime.Tests.ServiceDefaults;

public class DebugModesTests
{
    [Fact]
    public async Task Debug_mode_ends_by_itself()
    {
        await using var kit = new Kit();
        using var modes = new DebugModes(kit.Supervisor);
        await modes.StartAsync(default);
        Assert.True(modes.TrySwitch("for a minute", true, TimeSpan.FromMinutes(1)));
        Assert.True(modes.TrySwitch("for two", true, TimeSpan.FromMinutes(2)));
        await kit.Time.WaitForTimerAsync(within: TimeSpan.FromSeconds(1));
        kit.Time.Advance(TimeSpan.FromSeconds(90));
        await Eventually.TrueAsync(() => !ActionLog.IsDebug("for a minute"));
        Assert.True(ActionLog.IsDebug("for two"));
        Assert.Equal(["for two"], modes.On.Keys);
        Assert.True(modes.TrySwitch("for two", false, default));
        Assert.Empty(modes.On);
        await modes.StopAsync(default);
    }
}
