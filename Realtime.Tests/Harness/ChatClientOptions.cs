using System.Net;

namespace Realtime.Tests.Harness;

/// <param name="Name">The user; also the name in the history.</param>
/// <param name="Servers">The replicas; after a loss the next one is tried.</param>
public sealed record ChatClientOptions(string Name, IReadOnlyList<Uri> Servers, string Token)
{
    public History History { get; init; } = new();

    /// <summary>Of <see cref="Servers"/>, to begin with.</summary>
    public int FirstServer { get; init; }

    public IPAddress? SourceAddress { get; init; }

    public string? ForwardedFor { get; init; }

    /// <summary>Of the jitter.</summary>
    public int Seed { get; init; }

    /// <summary>The pause before attempt n is random between 0 and this doubled n times, up to <see cref="MaxPause"/>.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(200);

    public TimeSpan MaxPause { get; init; } = TimeSpan.FromSeconds(2);

    public TimeSpan InvokeTimeout { get; init; } = TimeSpan.FromSeconds(15);
}
