using Realtime.Contracts;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Sessions;

namespace Realtime.Signaling.People;

/// <summary>What the hub asks for about people.</summary>
public sealed class PeopleCalls(PresenceService presence, TypingService typing, FriendService friends)
{
    /// <summary>Whoever joins a channel learns the presence of its members, when the answer has said who they are.</summary>
    public void Joined(HubSession session, JoinChannelResult joined)
    {
        if (joined.Members.Count > PresenceTeller.MaxMembers)
            return;
        string[] others = [.. joined.Members.Select(static member => member.User).Where(user => user != session.User)];
        if (others.Length > 0)
            session.Lanes.AfterCompletion(() => presence.Introduce(new Introduction(others, To: session.Lanes)));
    }

    public async Task<Done> TypeAsync(HubSession session, UserToken token, TypingRequest request, CancellationToken cancellation)
    {
        await typing.TypeAsync(session, token, request, cancellation);
        return new Done();
    }

    /// <summary>A message says it all.</summary>
    public void StoppedTyping(HubSession session, string? channel) => typing.Stopped(session, channel);

    public async Task<Done> SetPresenceAsync(HubSession session, SetPresenceRequest request, CancellationToken cancellation)
    {
        await presence.SetAsync(session, request, cancellation);
        return new Done();
    }

    public Task<Friend> RequestFriendAsync(HubSession session, UserToken token, FriendRequest request, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(session);
        return friends.RequestAsync(token, request.User, cancellation);
    }

    public Task<Friend> AnswerFriendAsync(HubSession session, UserToken token, AnswerFriendRequest request, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(session);
        return friends.AnswerAsync(token, request.User, request.Accept, cancellation);
    }

    public Task<Friend> RemoveFriendAsync(HubSession session, UserToken token, FriendRequest request, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(session);
        return friends.RemoveAsync(token, request.User, cancellation);
    }
}
