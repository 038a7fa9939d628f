using System.Buffers;
using Realtime.Contracts;

namespace Realtime.Web.Joining;

/// <summary>Body of <c>POST /join/token</c>.</summary>
/// <param name="Name">How the others see this person.</param>
/// <param name="Room">The call, and the channel of the same name beside it.</param>
/// <param name="Browser">A UUID that the browser made and keeps: the same person again after a reload.</param>
sealed record JoinRequest(string? Name, string? Room, string? Browser)
{
    public const int MaxName = 64;
    public const int MaxRoom = 64;

    static readonly SearchValues<char> RoomCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    /// <summary>Null: it may go on.</summary>
    public RealtimeError? Check()
    {
        if (Name is null || Name.Trim().Length is 0 or > MaxName || Name.Any(char.IsControl))
            return new(ErrorCode.Invalid, $"A name has 1 to {MaxName} characters.", "name");
        if (Room is not { Length: > 0 and <= MaxRoom } || Room.AsSpan().ContainsAnyExcept(RoomCharacters))
            return new(ErrorCode.Invalid, $"A room is named by 1 to {MaxRoom} letters, digits, dots, dashes and underscores.", "room");
        if (!Guid.TryParseExact(Browser, "D", out _))
            return new(ErrorCode.Invalid, "The browser's id is no UUID.", "browser");
        return null;
    }

    /// <summary>Exactly that room and that channel, nothing else.</summary>
    public TokenRequest ToTokenRequest() => new(
        $"guest-{Guid.Parse(Browser!):D}",
        Name!.Trim(),
        "01:00:00",
        new Grants(Channels: [Room!], Rooms: [Room!], Publish: true, Subscribe: true));
}

/// <summary>The answer: what the page connects with.</summary>
sealed record JoinTicket(string Token, DateTimeOffset Expires, string User, string Room, string Channel);

/// <summary>The answer of <c>GET /join/config</c>.</summary>
/// <param name="Hub">Where the browser connects to.</param>
/// <param name="CanJoin">False: tokens come from the team's own backend, this page cannot get one.</param>
sealed record JoinConfig(string Hub, bool CanJoin);
