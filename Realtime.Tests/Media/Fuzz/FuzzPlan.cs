using System.Diagnostics;
using System.Globalization;

namespace Realtime.Tests.Media.Fuzz;

/// <summary>
/// How much is fuzzed, and from which seed: a fixed number of inputs in the suite, and for <c>./realtime fuzz</c> as long as it says
/// (<c>REALTIME_FUZZ_SECONDS</c> per fuzzer, <c>REALTIME_FUZZ_SEED</c>).
/// </summary>
static class FuzzPlan
{
    public static readonly int Seed = Number("REALTIME_FUZZ_SEED") ?? 20_26;

    static readonly int? Seconds = Number("REALTIME_FUZZ_SECONDS");

    /// <summary>Numbers of the inputs to make: so many, or as many as the time allows.</summary>
    public static IEnumerable<int> Inputs(int count)
    {
        var clock = Stopwatch.StartNew();
        for (var i = 0; Seconds is { } seconds ? clock.Elapsed.TotalSeconds < seconds : i < count; i++) yield return i;
    }

    static int? Number(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;
}
