using System.Text.Json;
using Realtime.Contracts;

namespace Realtime.Tests.Harness;

/// <summary>One event of the hub.</summary>
public readonly record struct HubEventMessage(string Name, JsonElement Payload)
{
    public T Read<T>() => Payload.Deserialize<T>(ContractsJson.Options) ?? throw new JsonException($"{Name} carries null.");
}

/// <summary>How a connection ended.</summary>
/// <param name="Closing">The server's announcement, if it made one.</param>
/// <param name="Reason">What was observed, for a failing test.</param>
public sealed record HubClosed(ClosingEvent? Closing, string Reason)
{
    public CloseCode? Code => Closing is null ? null : (CloseCode)Closing.Code;
}
