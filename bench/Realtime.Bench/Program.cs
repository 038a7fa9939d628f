using Realtime.Bench.Options;
using Realtime.Bench.Report;
using Realtime.Bench.Runs;

if (args is not ["media", ..])
{
    Console.Error.WriteLine(BenchOptions.Usage);
    return 2;
}

if (!BenchOptions.TryParse(args[1..], out var options, out var error))
{
    Console.Error.WriteLine(error);
    Console.Error.WriteLine(BenchOptions.Usage);
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
using var bench = new MediaBench(Console.Error.WriteLine);
try
{
    foreach (var scenario in options.Scenarios)
    {
        var line = await bench.RunAsync(scenario, stop.Token);
        if (options.Json) Console.WriteLine(ReportLine.ToJson(line));
        else foreach (var text in ReportLine.ToText(line)) Console.WriteLine(text);
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
