namespace Realtime.Tests.Chaos;

/// <summary>The size of a run.</summary>
sealed record ChaosRunOptions(int Seed, TimeSpan Duration)
{
    /// <summary>Between two things that one user does, on average.</summary>
    public TimeSpan Pace { get; init; } = TimeSpan.FromMilliseconds(700);

    public int Channels { get; init; } = 3;

    public int NativeClients { get; init; } = 8;

    /// <summary>Processes of Node with three users each.</summary>
    public int NodeHosts { get; init; } = 2;
}
