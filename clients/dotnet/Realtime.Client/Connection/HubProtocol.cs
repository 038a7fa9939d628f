using System.Text.Json;
using Realtime.Contracts;

namespace Realtime.Client.Connection;

/// <summary>
/// SignalR's JSON hub protocol, the part of it that this hub uses: JSON texts, each ended by 0x1E. Our own, because the package Microsoft.AspNetCore.SignalR.Client is not on every feed
/// this project restores from, would be the package's only dependency, and hides what exact resuming wants to know: when the server said Close, with which HTTP status an upgrade was refused.
/// Source: aspnetcore/src/SignalR/docs/specs/HubProtocol.md.
/// </summary>
static class HubProtocol
{
    public const byte Separator = 0x1e;
    public const int Invocation = 1;
    public const int Completion = 3;
    public const int Ping = 6;
    public const int Close = 7;

    public static readonly byte[] Handshake = Encode(new { protocol = "json", version = 1 });
    public static readonly byte[] PingMessage = Encode(new { type = Ping });
    public static readonly byte[] CloseMessage = Encode(new { type = Close });

    /// <summary>A call; without an id nobody answers.</summary>
    public static byte[] Invoke(string? id, string method, object argument) => Encode(new { type = Invocation, invocationId = id, target = method, arguments = new[] { argument } });

    /// <summary>The next whole message in what was received.</summary>
    /// <param name="rest">What follows it.</param>
    public static bool TryTake(ReadOnlyMemory<byte> received, out ReadOnlyMemory<byte> message, out ReadOnlyMemory<byte> rest)
    {
        var end = received.Span.IndexOf(Separator);
        (message, rest) = end < 0 ? (default, received) : (received[..end], received[(end + 1)..]);
        return end >= 0;
    }

    static byte[] Encode<T>(T message) => [.. JsonSerializer.SerializeToUtf8Bytes(message, ContractsJson.Options), Separator];
}
