using System.Text.Json.Nodes;
using Realtime.Bench.Options;
using Realtime.Bench.Report;
using Realtime.Bench.Runs;
using Realtime.Bench.Signaling;
using Realtime.Bench.Signaling.Load;

if (args is [StoppableMember.Verb, .. var member])
{
    StoppableMember.Play(member);
    return 0;
}

string? error = null;
BenchOptions? media = null;
SignalingOptions? signaling = null;
var understood = args switch
{
    ["media", .. var rest] => BenchOptions.TryParse(rest, out media, out error),
    ["signaling", .. var rest] => SignalingOptions.TryParse(rest, out signaling, out error),
    _ => false,
};
if (!understood)
{
    if (error is not null) Console.Error.WriteLine(error);
    Console.Error.WriteLine($"{BenchOptions.Usage}\n{SignalingOptions.Usage}");
    return 2;
}

if (!OperatingSystem.IsLinux())
{
    Console.Error.WriteLine("The load generator needs Linux.");
    return 1;
}

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    stop.Cancel();
};
try
{
    if (media is not null)
    {
        using var bench = new MediaBench(Console.Error.WriteLine);
        foreach (var scenario in media.Scenarios) Tell(await bench.RunAsync(scenario, stop.Token), media.Json, ReportLine.ToJson, ReportLine.ToText);
    }

    if (signaling is not null)
    {
        using var bench = new SignalingBench(signaling, Console.Error.WriteLine);
        foreach (var scenario in signaling.Scenarios) Tell(await bench.RunAsync(scenario, stop.Token), signaling.Json, SignalingReport.ToJson, SignalingReport.ToText);
    }

    return 0;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    return 130;
}
catch (Exception exception) when (exception is InvalidOperationException or IOException or TimeoutException or System.ComponentModel.Win32Exception or FormatException)
{
    Console.Error.WriteLine($"The bench failed: {exception.Message}");
    return 1;
}

static void Tell(JsonObject line, bool json, Func<JsonObject, string> toJson, Func<JsonObject, IEnumerable<string>> toText)
{
    if (json) Console.WriteLine(toJson(line));
    else foreach (var text in toText(line)) Console.WriteLine(text);
}
