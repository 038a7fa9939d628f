using System.Text.Json.Nodes;
using Realtime.Bench.Options;
using Realtime.Bench.Report;
using Xunit;

namespace Realtime.Tests.Bench;

public sealed class ReportLineTests
{
    static readonly Scenario Call = new(1, 200, 1500, TimeSpan.FromSeconds(5), ["janus", "pion"]);

    [Fact]
    public void A_scenario_is_one_line_with_every_figure_and_ratio()
    {
        var line = JsonNode.Parse(ReportLine.ToJson(Line(new() { ["janus"] = Figures(12_000), ["pion"] = Figures(16_000) })))!.AsObject();
        Assert.Equal(
            [
                "scenario", "forwarded", "lost", "corrupt", "allocatedBytesPerPacket", "cpuTicks", "cpuNsPerPacket", "p50LatencyMs", "p99LatencyMs", "rssKbPerSubscriber",
                "peers", "ratioToJanus", "ratioToPion",
            ],
            line.Select(member => member.Key));
        Assert.Equal("1 → 200, video 1500 kbit/s", (string?)line["scenario"]);
        Assert.Equal(0.333m, (decimal?)line["ratioToJanus"]);
        Assert.Equal(0.25m, (decimal?)line["ratioToPion"]);
        Assert.Equal(12_000, (long?)line["peers"]!["janus"]!["cpuNsPerPacket"]);
        Assert.DoesNotContain('\n', ReportLine.ToJson(line));
    }

    [Fact]
    public void What_was_not_compared_has_no_ratio()
    {
        var line = Line([]);
        Assert.Empty(line["peers"]!.AsObject());
        Assert.True(line.ContainsKey("ratioToJanus"));
        Assert.Null(line["ratioToJanus"]);
    }

    [Fact]
    public void People_get_a_row_per_server() =>
        Assert.Equal(["1 → 200, video 1500 kbit/s", "  realtime", "  pion"], ReportLine.ToText(Line(new() { ["pion"] = Figures(16_000) })).Select(row => row.Split("  forwarded")[0].TrimEnd()).Take(3));

    static JsonObject Line(Dictionary<string, ForwardingFigures> peers) => ReportLine.Of(Call, Figures(4_000), peers, figures => figures.CpuNsPerPacket);

    static ForwardingFigures Figures(long cost) => new(1000, 0, 0, 0, 4, cost, 0.5, 1.5, 100);
}
