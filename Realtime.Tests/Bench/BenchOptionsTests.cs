using Realtime.Bench.Load;
using Realtime.Bench.Options;
using Xunit;

namespace Realtime.Tests.Bench;

public sealed class BenchOptionsTests
{
    [Fact]
    public void Without_options_one_camera_goes_to_a_hundred()
    {
        var scenario = Assert.Single(Parse().Scenarios);
        Assert.Equal((1, 100, 1500, 1), (scenario.Publishers, scenario.Subscribers, scenario.VideoKilobits, scenario.Rooms));
        Assert.Empty(scenario.Compare);
    }

    [Fact]
    public void Every_option_is_taken()
    {
        var options = Parse("--publishers", "10", "--subscribers", "20", "--rooms", "3", "--audio", "--seconds", "7", "--compare", "janus,pion", "--json");
        var scenario = Assert.Single(options.Scenarios);
        Assert.True(options.Json);
        Assert.Equal((10, 20, 3, SourceKind.Audio), (scenario.Publishers, scenario.Subscribers, scenario.Rooms, scenario.Kind));
        Assert.Equal(TimeSpan.FromSeconds(7), scenario.Duration);
        Assert.Equal(["janus", "pion"], scenario.Compare);
    }

    [Fact]
    public void The_suite_compares_what_is_promised_as_a_ratio()
    {
        var scenarios = Parse("--suite", "--seconds", "5", "--compare", "janus").Scenarios;
        Assert.Contains(scenarios, scenario => scenario is { Publishers: 1, Subscribers: 200, Kind: SourceKind.Video, Compare: ["janus"] });
        Assert.Contains(scenarios, scenario => scenario is { Publishers: 10, Subscribers: 10, Compare: ["janus"] });
        Assert.Contains(scenarios, scenario => scenario is { Rooms: 50, Compare: [] });
        Assert.Single(scenarios, scenario => scenario.IsSetUp);
        Assert.Equal(scenarios.Count, scenarios.Select(scenario => scenario.Name).Distinct().Count());
    }

    [Theory]
    [InlineData("--subscribers wants a number", "--subscribers")]
    [InlineData("--subscribers wants a number from 1 to 2000", "--subscribers", "0")]
    [InlineData("--video wants a number", "--video", "much")]
    [InlineData("--seconds wants a number", "--seconds", "-1")]
    [InlineData("--compare knows janus and pion, not asterisk", "--compare", "janus,asterisk")]
    [InlineData("exclude each other", "--audio", "--video", "500")]
    [InlineData("--suite takes only", "--suite", "--subscribers", "5")]
    [InlineData("at most 2000 peers", "--publishers", "500", "--subscribers", "1999")]
    [InlineData("--fast is not an option", "--fast")]
    public void A_mistake_is_named(string expected, params string[] arguments)
    {
        Assert.False(BenchOptions.TryParse(arguments, out _, out var error));
        Assert.Contains(expected, error);
    }

    static BenchOptions Parse(params string[] arguments)
    {
        Assert.True(BenchOptions.TryParse(arguments, out var options, out var error), error);
        return options;
    }
}
