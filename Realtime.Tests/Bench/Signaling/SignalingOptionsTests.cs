using Realtime.Bench.Signaling;
using Realtime.Bench.Signaling.Runs;
using Xunit;

namespace Realtime.Tests.Bench.Signaling;

public sealed class SignalingOptionsTests
{
    [Fact]
    public void Without_options_every_scenario_runs_alone()
    {
        Assert.True(SignalingOptions.TryParse([], out var options, out _));
        Assert.Equal(["fanout", "stalled", "idle", "storm"], options.Scenarios);
        Assert.Empty(options.Compare);
    }

    [Fact]
    public void Options_are_taken()
    {
        Assert.True(SignalingOptions.TryParse(["--only", "storm,idle", "--compare", "signalr,socketio", "--storm", "500", "--json"], out var options, out _));
        Assert.Equal(["storm", "idle"], options.Scenarios);
        Assert.Equal(["signalr", "socketio"], options.Compare);
        Assert.True(options is { Storm: 500, Json: true });
    }

    [Theory]
    [InlineData("--only", "everything")]
    [InlineData("--compare", "janus")]
    [InlineData("--members", "1")]
    [InlineData("--rate")]
    public void What_is_not_known_is_refused(params string[] arguments) => Assert.False(SignalingOptions.TryParse(arguments, out _, out _));

    [Fact]
    public void The_report_has_the_ratio_to_each_peer()
    {
        var line = SignalingReport.Line("idle", new IdleFigures(10, 21), new Dictionary<string, IdleFigures> { ["signalr"] = new(10, 20), ["socketio"] = new(10, 42) }, "kilobytesPerConnection", static figures => figures.KilobytesPerConnection);
        Assert.Equal((1.05m, 0.5m), ((decimal)line["ratioToSignalr"]!, (decimal)line["ratioToSocketio"]!));
        Assert.Contains("\"kilobytesPerConnection\":21", SignalingReport.ToJson(line), StringComparison.Ordinal);
    }
}
