using System.Buffers;
using Realtime.Contracts;
using Realtime.Signaling.Errors;

namespace Realtime.Signaling.Rooms;

/// <summary>A room's name: 1 to 64 of <c>A–Z a–z 0–9 . _ : -</c>.</summary>
public static class RoomName
{
    public const int MaxLength = 64;

    static readonly SearchValues<char> Allowed = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-");

    public static string Check(string? room) =>
        room is { Length: > 0 and <= MaxLength } && !room.AsSpan().ContainsAnyExcept(Allowed)
            ? room
            : throw new RealtimeException(new(ErrorCode.Invalid, $"A room's name has 1 to {MaxLength} of A–Z a–z 0–9 . _ : -.", "room"));
}
