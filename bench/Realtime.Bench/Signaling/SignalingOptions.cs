using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Realtime.Bench.Signaling;

/// <summary>The command line of <c>./realtime bench signaling</c>.</summary>
/// <param name="Json">One line of JSON per scenario on standard output instead of a table.</param>
sealed record SignalingOptions(IReadOnlyList<string> Scenarios, IReadOnlyList<string> Compare, int Members, int PerSecond, TimeSpan Duration, int Idle, int Storm, bool Json)
{
    public const string Fanout = "fanout", Stalled = "stalled", Idling = "idle", Resume = "storm";

    public const string Usage = """
        ./realtime bench signaling [--only fanout,stalled,idle,storm] [--members N] [--rate R] [--idle N] [--storm N] [--seconds N]
                                   [--compare signalr,socketio] [--json]
          --only LIST       of these scenarios (all)
          --members N       of the one group of fanout and stalled (200; stalled 2000)
          --rate R          messages a second to it, by 20 of its members (fanout; 400)
          --idle N          idle connections (4000)
          --storm N         connections of the replica that is killed (5000)
          --seconds N       how long is measured (10)
          --compare LIST    the same load on stock SignalR and Socket.IO 4, each alone on the machine in turn
          --json            one line of JSON per scenario
        """;

    static readonly string[] known = [Fanout, Stalled, Idling, Resume];
    static readonly string[] peers = ["signalr", "socketio"];

    /// <summary>False, and why, when the command line is not understood.</summary>
    public static bool TryParse(IReadOnlyList<string> arguments, [NotNullWhen(true)] out SignalingOptions? options, [NotNullWhen(false)] out string? error)
    {
        options = null;
        error = null;
        var parsed = new SignalingOptions(known, [], 0, 400, TimeSpan.FromSeconds(10), 4000, 5000, false);
        for (var i = 0; i < arguments.Count && error is null; i++)
        {
            var name = arguments[i];
            var value = name == "--json" || i + 1 == arguments.Count ? "" : arguments[++i];
            switch (name)
            {
                case "--json": parsed = parsed with { Json = true }; break;
                case "--only" when List(value, known) is { } only: parsed = parsed with { Scenarios = only }; break;
                case "--compare" when List(value, peers) is { } compare: parsed = parsed with { Compare = compare }; break;
                case "--members" when Number(value, 2, 10_000) is { } members: parsed = parsed with { Members = members }; break;
                case "--rate" when Number(value, 1, 1000) is { } rate: parsed = parsed with { PerSecond = rate }; break;
                case "--idle" when Number(value, 100, 15_000) is { } idle: parsed = parsed with { Idle = idle }; break;
                case "--storm" when Number(value, 50, 15_000) is { } storm: parsed = parsed with { Storm = storm }; break;
                case "--seconds" when Number(value, 1, 600) is { } seconds: parsed = parsed with { Duration = TimeSpan.FromSeconds(seconds) }; break;
                default: error = $"{name} {value} is not understood."; break;
            }
        }

        if (error is null) options = parsed;
        return error is null;
    }

    static int? Number(string text, int min, int max) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max ? number : null;

    static string[]? List(string text, string[] of)
    {
        var names = text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct().ToArray();
        return names.Length > 0 && names.All(of.Contains) ? names : null;
    }
}
