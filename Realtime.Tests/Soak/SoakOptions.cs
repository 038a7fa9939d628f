using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Realtime.Tests.Soak;

/// <summary>The command line of <c>./realtime soak</c>.</summary>
/// <param name="Rate">Joins, and leaves, per second.</param>
sealed record SoakOptions(double Minutes, int Rate, int Seed)
{
    public const string Usage = """
        ./realtime soak [--minutes M] [--rate R] [--seed N]
          --minutes M    how long people come and go (30)
          --rate R       joins, and leaves, per second (5)
          --seed N       of who stays how long and how they go (random)
        """;

    /// <summary>False, and why, when the command line is not understood.</summary>
    public static bool TryParse(IReadOnlyList<string> arguments, [NotNullWhen(true)] out SoakOptions? options, [NotNullWhen(false)] out string? error)
    {
        (var minutes, var rate, var seed) = (30.0, 5, Random.Shared.Next(1_000_000));
        (options, error) = (null, null);
        for (var i = 0; i < arguments.Count && error is null; i += 2)
        {
            var value = i + 1 < arguments.Count ? arguments[i + 1] : "";
            var isRead = arguments[i] switch
            {
                "--minutes" => double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out minutes) && minutes is >= 0.1 and <= 10_000,
                "--rate" => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out rate) && rate is >= 1 and <= 100,
                "--seed" => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out seed),
                _ => false,
            };
            if (!isRead)
                error = $"{arguments[i]} {value}".TrimEnd() + " is not understood.";
        }
        if (error is null)
            options = new SoakOptions(minutes, rate, seed);
        return error is null;
    }
}
