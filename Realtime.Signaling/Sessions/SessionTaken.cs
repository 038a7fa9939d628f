using Realtime.Contracts;
using Realtime.Signaling.Data;
using Realtime.Signaling.MediaControl;
using Realtime.Signaling.People;

namespace Realtime.Signaling.Sessions;

/// <summary>A session went on at another replica while its old connection still looks alive here: that connection is let go, without ending anything.</summary>
public sealed class SessionTaken(HubConnections connections, RoomService rooms, TypingService typing, FriendIndex friends) : IOutboxConsumer
{
    public bool Takes(string kind) => kind == OutboxKind.SessionTaken;

    public Task BeginAsync(CancellationToken cancellation) => Task.CompletedTask;

    public void Take(OutboxEntry entry) => LetGo(entry.Key, entry.Number);

    /// <param name="generation">Of the session at the other replica; a connection here with a higher one stays.</param>
    public void LetGo(string id, long generation)
    {
        if (connections.Holder(id) is not { Session: { } session } holder || session.Generation >= generation || !connections.TryDetach(holder, session))
            return;
        foreach (var reader in session.RemoveAll())
        {
            reader.Feed.Unsubscribe(reader);
            reader.Feed.ChangeMembers(view => view.Release(session.Id));
        }
        rooms.SessionDetached(session.Id);
        typing.SessionEnded(session.Id, session.User, session.Name);
        friends.Detach(session.User);
        holder.Lanes.Close(CloseCode.Shutdown, TimeSpan.Zero);
    }
}
