using Realtime.Contracts;
using Realtime.Signaling.Access;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Channels;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;
using Realtime.Signaling.Fanout;
using Realtime.Signaling.MediaControl;
using Realtime.Signaling.RateLimits;
using Realtime.Signaling.Rooms;

namespace Realtime.Signaling.People;

/// <summary>REST about people: oneself, friends, presence.</summary>
public static class PeopleEndpoints
{
    const int MaxPage = 200;

    public static void MapPeople(this IEndpointRouteBuilder api)
    {
        var people = api.MapGroup("").RequireAuthorization();
        people.MapGet("/me", MeAsync).WithSummary("Oneself: user, name, grants, expires, presence, number of friends");
        people.MapGet("/friends", async (HttpContext http, string? after, int? limit, FriendService friends, CancellationToken cancellation) =>
            Json(await friends.ListAsync(Token(http), after, limit, cancellation))).Produces<IReadOnlyList<Friend>>().WithSummary("Friends with their presence, and open requests either way, by user");
        people.MapPost("/friends", async (HttpContext http, AnswerFriendRequest request, FriendService friends, CancellationToken cancellation) =>
            Json(request.Accept is null
                ? await friends.RequestAsync(Token(http), request.User, cancellation)
                : await friends.AnswerAsync(Token(http), request.User, request.Accept, cancellation))).WithMetadata(new LimitedAttribute(LimitName.Friends)).Produces<Friend>().WithSummary("Asks for a friendship; with accept, answers who asked");
        people.MapDelete("/friends/{user}", async (HttpContext http, string user, FriendService friends, CancellationToken cancellation) =>
            Json(await friends.RemoveAsync(Token(http), user, cancellation))).WithMetadata(new LimitedAttribute(LimitName.Friends)).Produces<Friend>().WithSummary("Ends a friendship, or withdraws a request");
        people.MapGet("/users/{user}/presence", PresenceAsync).Produces<PresenceEvent>().WithSummary("For oneself, friends, those who share a channel right now, and operators");
        people.MapGet("/channels/{channel}/presence", ChannelPresenceAsync).Produces<IReadOnlyList<PresenceEvent>>().WithSummary("Everybody in a channel, by user");
        people.MapGet("/rooms/{room}/participants", VoicesAsync).Produces<IReadOnlyList<RoomParticipantInfo>>().WithSummary("Who is in a call, for whom it may be joined by, and for operators");
    }

    /// <summary>What the token says, how one is seen, and how many friends one has (left out while Postgres is away).</summary>
    static async Task<IResult> MeAsync(HttpContext http, PresenceService presence, FriendStore friends, CancellationToken cancellation)
    {
        var token = Token(http);
        int? count = null;
        try
        {
            count = await friends.CountAsync(token.User, cancellation);
        }
        catch (RealtimeException)
        {
            http.Response.Headers.CacheControl = "no-store";
        }
        return Json(new { token.User, token.Name, token.Grants, token.Expires, Presence = presence.OfSelf(token.User), Friends = count });
    }

    /// <summary>For oneself, friends, those who share a channel right now, and operators. Others learn not even whether there is such a user.</summary>
    static async Task<IResult> PresenceAsync(HttpContext http, string user, PresenceService presence, FriendStore friends, CancellationToken cancellation)
    {
        var token = Token(http);
        if (!NameRules.IsUser(user))
            throw new RealtimeException(new(ErrorCode.Invalid, "That is not a user's id.", "user"));
        if (user == token.User)
            return Json(presence.OfSelf(user));
        if (!token.Grants.AllowsAdmin() && !await friends.MaySeeAsync(token.User, user, cancellation))
            throw new RealtimeException(new(ErrorCode.Forbidden, "Friends and people in the same channel see each other's presence.", "user"));
        return Json(presence.Of(user));
    }

    /// <summary>Everybody in a channel, however large, by user id.</summary>
    static async Task<IResult> ChannelPresenceAsync(
        HttpContext http, string channel, string? after, int? limit, ChannelAccess access, ChannelFeeds feeds, PresenceService presence, CancellationToken cancellation)
    {
        if (limit is < 1 or > MaxPage)
            throw new RealtimeException(new(ErrorCode.Invalid, $"Between 1 and {MaxPage}.", "limit"));
        await access.RequireReadAsync(Token(http), channel, cancellation);
        var feed = await feeds.GetLoadedAsync(channel, cancellation);
        return Json(feed.Members.Select(static member => member.User).Order(StringComparer.Ordinal).Where(user => string.CompareOrdinal(user, after) > 0).Take(limit ?? MaxPage)
            .Select(presence.Of).ToList());
    }

    /// <summary>Who is in a call, muted or not, for whom it may be joined by, and for operators.</summary>
    static async Task<IResult> VoicesAsync(HttpContext http, string room, bool? statistics, NodeDirectory nodes, RoomModeration moderation, CancellationToken cancellation)
    {
        var grants = Token(http).Grants;
        if (!grants.AllowsAdmin() && !grants.AllowsRoom(RoomName.Check(room)))
            throw new RealtimeException(new(ErrorCode.Forbidden, "Your token does not grant this room.", "room"));
        return statistics == true ? Json(await moderation.WithStatisticsAsync(Token(http), room, cancellation)) : Json(nodes.Participants(room));
    }

    static UserToken Token(HttpContext http) => TokenIdentity.Of(http.User) ?? throw new RealtimeException(new(ErrorCode.Unauthenticated, "A valid token is needed."));

    static IResult Json(object value) => Results.Json(value, ContractsJson.Options);
}
