using System.Net;

namespace Realtime.Client;

/// <summary>Where to connect to, and as whom.</summary>
/// <param name="Server">The servers' common address, <c>https://realtime.example</c>; the hub is at <c>/hub</c> below it.</param>
public sealed record RealtimeClientOptions(Uri Server)
{
    /// <summary>A token, or how to get one.</summary>
    public required RealtimeToken Token { get; init; }

    /// <summary>Told to the servers' operators: <c>echo-bot 1.2</c>.</summary>
    public string? ClientInfo { get; init; }

    /// <summary>How long <see cref="RealtimeClient.ConnectAsync"/> tries. After that the client reconnects for ever.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a call waits for its answer, and for a connection; sending a message waits for ever (it has a cancellation token).</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The first pause before connecting again is a random part of this; it doubles with each failure …</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>… up to this.</summary>
    public TimeSpan MaxPause { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often we say that we are here. Nothing heard for four of these, and the connection counts as lost.</summary>
    public TimeSpan PingInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Hears what went wrong inside the client and was mended (a loop that was started anew): for a log. Nothing of that ends the client.</summary>
    public Action<Exception>? OnFault { get; init; }

    /// <summary>The local address to connect from; chosen by the system when absent.</summary>
    public IPAddress? SourceAddress { get; init; }

    /// <summary>False: calls go over TCP alone, without trying UDP first.</summary>
    public bool UseUdp { get; init; } = true;

    /// <summary>How the HTTP connections are made: certificates, proxies. Default: a <see cref="SocketsHttpHandler"/>.</summary>
    public Func<HttpMessageHandler>? CreateHandler { get; init; }
}
