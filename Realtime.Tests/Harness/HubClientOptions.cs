using System.Net;

namespace Realtime.Tests.Harness;

/// <summary>Where a <see cref="HubClient"/> connects to, and as whom.</summary>
public sealed record HubClientOptions(Uri Server, string Token)
{
    /// <summary>The address to connect from (any of 127.0.0.0/8), so that limits per address see different clients.</summary>
    public IPAddress? SourceAddress { get; init; }

    /// <summary>Sent as <c>X-Forwarded-For</c>, for servers behind a trusted proxy.</summary>
    public string? ForwardedFor { get; init; }

    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>For one call.</summary>
    public TimeSpan InvokeTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Pings to the server; and the connection counts as lost when nothing came for three of these and 15 s.</summary>
    public TimeSpan PingInterval { get; init; } = TimeSpan.FromSeconds(5);
}
