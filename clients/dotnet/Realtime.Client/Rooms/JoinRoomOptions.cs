using System.Text.Json;
using Realtime.Contracts;

namespace Realtime.Client.Rooms;

/// <summary>How a room is joined.</summary>
public sealed record JoinRoomOptions
{
    /// <summary>Anything the others should know of us, at most 4 KB as JSON; kept through reconnects and moves.</summary>
    public object? Metadata { get; init; }

    internal JsonElement? Element => Metadata is null ? null : JsonSerializer.SerializeToElement(Metadata, ContractsJson.Options);
}

/// <summary>What is published.</summary>
public sealed record PublishOptions
{
    /// <summary>What the others are told that it is: <c>microphone</c>, <c>camera</c>, <c>screen</c> …</summary>
    public string? Source { get; init; }

    /// <summary>Of each frame of audio, for those that are written without a timestamp.</summary>
    public TimeSpan FrameDuration { get; init; } = TimeSpan.FromMilliseconds(20);
}
