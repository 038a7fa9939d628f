using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Channels;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;

namespace Realtime.Signaling.People;

/// <summary>
/// Friendships: asked for, answered, ended; every step can be repeated. Both people are told on all their devices. Throws <see cref="RealtimeException"/> for every refusal.
/// </summary>
public sealed class FriendService(FriendStore store, UserNews news, PresenceService presence, TimeProvider time)
{
    public const int MaxPage = 200;

    /// <summary>Asks; who has been asked by the other already becomes a friend.</summary>
    public Task<Friend> RequestAsync(UserToken me, string? user, CancellationToken cancellation) => StepAsync("request", me, user, cancellation);

    public Task<Friend> AnswerAsync(UserToken me, string? user, bool? accept, CancellationToken cancellation) => accept is { } yes
        ? StepAsync(yes ? "accept" : "decline", me, user, cancellation)
        : throw new RealtimeException(new(ErrorCode.Invalid, "Say whether you accept.", "accept"));

    /// <summary>Ends a friendship, withdraws a request or declines one.</summary>
    public Task<Friend> RemoveAsync(UserToken me, string? user, CancellationToken cancellation) => StepAsync("remove", me, user, cancellation);

    /// <summary>Friends with their presence, and open requests.</summary>
    public async Task<IReadOnlyList<Friend>> ListAsync(UserToken me, string? after, int? limit, CancellationToken cancellation)
    {
        if (limit is < 1 or > MaxPage)
            throw new RealtimeException(new(ErrorCode.Invalid, $"Between 1 and {MaxPage}.", "limit"));
        if (after is not null && !NameRules.IsUser(after))
            throw new RealtimeException(new(ErrorCode.Invalid, "That is not a user's id.", "after"));
        var friends = await store.ListAsync(me.User, after ?? "", limit ?? MaxPage, cancellation);
        return [.. friends.Select(WithStatus)];
    }

    async Task<Friend> StepAsync(string step, UserToken me, string? user, CancellationToken cancellation)
    {
        if (!NameRules.IsUser(user) || user == me.User)
            throw new RealtimeException(new(ErrorCode.Invalid, "Another user's id is needed.", "user"));
        var now = time.GetUtcNow();
        var eventId = Guid.CreateVersion7(now).ToString("N");
        var change = await store.ChangeAsync(step, eventId, me.User, me.Name, user!, DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds()), cancellation);
        if (change.Refused is { } refused)
            throw new RealtimeException(RefusalOf(refused));
        if (change.Changed)
        {
            ActionLog.Record("people", step, me.User);
            var theirs = change.State == FriendState.Requested ? FriendState.Incoming : change.State;
            news.Announce(UserEvent.Of(me.User, HubEvent.Friend, new FriendEvent(user!, change.Name, change.State, change.Since), $"{eventId}-1"));
            news.Announce(UserEvent.Of(user!, HubEvent.Friend, new FriendEvent(me.User, me.Name, theirs, change.Since), $"{eventId}-2"));
        }
        return WithStatus(new Friend(user!, change.Name, change.State, change.Since));
    }

    Friend WithStatus(Friend friend) => friend.State == FriendState.Friends ? friend with { Status = presence.Of(friend.User).Status } : friend;

    static RealtimeError RefusalOf(string refused) => refused switch
    {
        "friends" => new(ErrorCode.Conflict, $"One of you has {FriendStore.MaxFriends} friends already.", "user"),
        "requests" => new(ErrorCode.Conflict, $"You have {FriendStore.MaxRequests} open requests: withdraw one first.", "user"),
        "asking" => new(ErrorCode.Conflict, "Too many ask this user at the moment.", "user"),
        _ => new(ErrorCode.NotFound, "They have not asked you.", "user"),
    };
}
