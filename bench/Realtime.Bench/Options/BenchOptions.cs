using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Realtime.Bench.Options;

/// <summary>The command line of <c>./realtime bench media</c>.</summary>
/// <param name="Json">One line of JSON per scenario on standard output instead of a table.</param>
sealed record BenchOptions(IReadOnlyList<Scenario> Scenarios, bool Json)
{
    public const string Usage = """
        ./realtime bench media [--publishers P] [--subscribers S] [--video KBPS | --audio] [--rooms R] [--seconds N] [--set-up]
                               [--suite] [--compare janus,pion] [--json]
          --publishers P    publishers in each room (1)
          --subscribers S   subscribers in each room; each plays every publisher of it (100)
          --video KBPS      cameras of so many kbit/s (1500)
          --audio           microphones instead
          --rooms R         rooms (1)
          --seconds N       how long is measured (10)
          --set-up          how connections are set up: offer in to DTLS connected, and joins per second beside a running call
          --suite           all the scenarios of the README, each for N seconds
          --compare LIST    the same load on janus and pion, each alone on the machine in turn
          --json            one line of JSON per scenario
        """;

    static readonly string[] Peers = ["janus", "pion"];

    /// <summary>False, and why, when the command line is not understood.</summary>
    public static bool TryParse(IReadOnlyList<string> arguments, [NotNullWhen(true)] out BenchOptions? options, [NotNullWhen(false)] out string? error)
    {
        options = null;
        int? publishers = null, subscribers = null, rooms = null, video = null;
        var seconds = 10;
        bool audio = false, json = false, setUp = false, suite = false;
        IReadOnlyList<string> compare = [];
        error = null;
        for (var i = 0; i < arguments.Count && error is null; i++)
        {
            var name = arguments[i];
            switch (name)
            {
                case "--publishers": error = Number(arguments, ref i, 1, 500, out publishers); break;
                case "--subscribers": error = Number(arguments, ref i, 1, 2000, out subscribers); break;
                case "--rooms": error = Number(arguments, ref i, 1, 1000, out rooms); break;
                case "--video": error = Number(arguments, ref i, 50, 20_000, out video); break;
                case "--seconds":
                    error = Number(arguments, ref i, 1, 3600, out var given);
                    seconds = given ?? seconds;
                    break;
                case "--compare": error = List(arguments, ref i, out compare); break;
                case "--audio": audio = true; break;
                case "--set-up": setUp = true; break;
                case "--suite": suite = true; break;
                case "--json": json = true; break;
                default: error = $"{name} is not an option."; break;
            }
        }

        error ??= (audio && video is not null ? "--audio and --video exclude each other." : null)
            ?? (suite && (setUp || audio || (publishers ?? subscribers ?? rooms ?? video) is not null) ? "--suite takes only --seconds, --compare and --json." : null)
            ?? ((publishers ?? 1) + (subscribers ?? 0) > 2000 ? "A room holds at most 2000 peers." : null);
        if (error is not null) return false;
        var duration = TimeSpan.FromSeconds(seconds);
        options = new BenchOptions(
            suite
                ? Suite.Of(duration, compare)
                : [new Scenario(publishers ?? 1, subscribers ?? (setUp ? 10 : 100), audio ? 0 : video ?? 1500, duration, compare, rooms ?? 1, setUp)],
            json);
        return true;
    }

    static string? Number(IReadOnlyList<string> arguments, ref int i, int min, int max, out int? value)
    {
        value = null;
        var name = arguments[i];
        if (++i == arguments.Count) return $"{name} wants a number.";
        if (!int.TryParse(arguments[i], NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < min || number > max)
            return $"{name} wants a number from {min} to {max}.";
        value = number;
        return null;
    }

    static string? List(IReadOnlyList<string> arguments, ref int i, out IReadOnlyList<string> value)
    {
        value = [];
        if (++i == arguments.Count) return "--compare wants a list of janus and pion.";
        var names = arguments[i].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct().ToList();
        if (names.Find(name => !Peers.Contains(name)) is { } unknown) return $"--compare knows janus and pion, not {unknown}.";
        value = names;
        return null;
    }
}
