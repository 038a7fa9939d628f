using System.Text.Json;
using Realtime.Contracts;

namespace Realtime.Tests.Harness;

/// <summary>SignalR's JSON protocol: JSON texts, each ended by 0x1E.</summary>
internal static class HubProtocol
{
    public const byte Separator = 0x1e;
    public const int Invocation = 1;
    public const int Completion = 3;
    public const int Ping = 6;
    public const int Close = 7;

    public static byte[] Handshake => Encode(new { protocol = "json", version = 1 });

    public static byte[] PingMessage => Encode(new { type = Ping });

    public static byte[] CloseMessage => Encode(new { type = Close });

    public static byte[] Invoke(string id, string method, object? argument) =>
        Encode(new { type = Invocation, invocationId = id, target = method, arguments = argument is null ? [] : new[] { argument } });

    /// <summary>Reads the error of a completion. SignalR puts a sentence of its own before the message of a HubException.</summary>
    public static RealtimeError ReadError(string text)
    {
        var start = text.IndexOf('{', StringComparison.Ordinal);
        try
        {
            if (start >= 0 && JsonSerializer.Deserialize<RealtimeError>(text[start..], ContractsJson.Options) is { Code: not null } error)
                return error;
        }
        catch (JsonException)
        {
            // Not an error of the contract: shown as it came.
            return new RealtimeError(UnknownError, text);
        }
        return new RealtimeError(UnknownError, text);
    }

    /// <summary>The code of an error that is not one of the contract.</summary>
    public const string UnknownError = "(no contract error)";

    static byte[] Encode(object message) => [.. JsonSerializer.SerializeToUtf8Bytes(message, ContractsJson.Options), Separator];
}
