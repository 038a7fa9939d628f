using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Realtime.Tests.Links;

namespace Realtime.Tests.Chaos;

/// <summary>The command line of <c>./realtime chaos</c>.</summary>
/// <param name="Scenario">Null: random faults.</param>
/// <param name="Links">Browsers behind bad links, instead of faults: how pictures and sound come through.</param>
/// <param name="Media">Hostile traffic and exceptions on the media path, instead of faults beside people who talk.</param>
/// <param name="Only">Of the attacks on the media path, those whose name begins so.</param>
/// <param name="Kills">Not null: kill -9 of so many processes, one after the other, and what each leaves behind.</param>
/// <param name="Misbehave">One of <paramref name="Connections"/> misbehaves in ten ways.</param>
sealed record ChaosOptions(int Runs, int Seconds, int Seed, string? Scenario, bool Media = false, int People = 20, bool Links = false, int? Kills = null, bool Misbehave = false, int Connections = 1000,
    string Only = "")
{
    public const string RedisOff = "redis-off";
    public const string PostgresOff = "postgres-off";

    public const string Usage = """
        ./realtime chaos [--runs R] [--seconds S] [--seed N] [--scenario redis-off|postgres-off]
        ./realtime chaos --media [--runs R] [--seconds S] [--seed N] [--people P] [--only ATTACK]
        ./realtime chaos --links [--runs R] [--seed N] [--scenario NAME]
        ./realtime chaos --kills N [--seed N]
        ./realtime chaos --misbehave [--connections C] [--seed N]
          --runs R       runs, each with the next seed (1)
          --seconds S    how long faults strike in each (60); how long the dependency is off in a scenario (60 for Redis, 30 for Postgres)
          --seed N       of the first run (random)
          --people P     in the call beside the hostile traffic (20)
          --only ATTACK  with --media: those attacks alone whose name begins so: half-open, walls, offers …
          --scenario     with --links: loss-5, loss-10, rtt-200, loss-10-rtt-200, reordering-1, step (all of them)
          --kills N      kill -9 of any process at N random moments; about 40 s each
          --connections C  of which one misbehaves in ten ways (1000)
        """;

    /// <summary>False, and why, when the command line is not understood.</summary>
    public static bool TryParse(IReadOnlyList<string> arguments, [NotNullWhen(true)] out ChaosOptions? options, [NotNullWhen(false)] out string? error)
    {
        int? runs = null, seconds = null, seed = null, people = null, kills = null, connections = null;
        bool media = false, links = false, misbehave = false;
        string? scenario = null, only = null;
        error = null;
        options = null;
        for (var i = 0; i < arguments.Count && error is null; i++)
        {
            switch (arguments[i])
            {
                case "--runs": error = Number(arguments, ref i, 1, 10_000, out runs); break;
                case "--seconds": error = Number(arguments, ref i, 1, 3600, out seconds); break;
                case "--seed": error = Number(arguments, ref i, 0, 1_000_000_000, out seed); break;
                case "--people": error = Number(arguments, ref i, 6, 200, out people); break;
                case "--kills": error = Number(arguments, ref i, 1, 1000, out kills); break;
                case "--connections": error = Number(arguments, ref i, 20, 5000, out connections); break;
                case "--misbehave": misbehave = true; break;
                case "--media": media = true; break;
                case "--links": links = true; break;
                case "--only" when i + 1 < arguments.Count: only = arguments[++i]; break;
                case "--scenario" when links && i + 1 < arguments.Count && LinkScenario.All.Any(known => known.Name == arguments[i + 1]): scenario = arguments[++i]; break;
                case "--scenario" when links: error = $"--links --scenario knows {string.Join(", ", LinkScenario.All.Select(known => known.Name))}."; break;
                case "--scenario" when i + 1 < arguments.Count && arguments[i + 1] is RedisOff or PostgresOff: scenario = arguments[++i]; break;
                case "--scenario": error = $"--scenario knows {RedisOff} and {PostgresOff}."; break;
                default: error = $"{arguments[i]} is not an option."; break;
            }
        }
        error ??= new[] { media, links, scenario is not null && !links, kills is not null, misbehave }.Count(static one => one) > 1
            ? "--media, --links, --scenario, --kills and --misbehave exclude each other."
            : (people is not null || only is not null) && !media ? "--people and --only are for --media." : connections is not null && !misbehave ? "--connections is for --misbehave." : null;
        if (error is not null)
            return false;
        options = new ChaosOptions(runs ?? 1, seconds ?? (scenario == PostgresOff ? 30 : 60), seed ?? Random.Shared.Next(1_000_000), scenario, media, people ?? 20, links, kills, misbehave, connections ?? 1000, only ?? "");
        return true;
    }

    static string? Number(IReadOnlyList<string> arguments, ref int i, int min, int max, out int? value)
    {
        value = null;
        var name = arguments[i];
        if (++i == arguments.Count || !int.TryParse(arguments[i], NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < min || number > max)
            return $"{name} wants a number from {min} to {max}.";
        value = number;
        return null;
    }
}
