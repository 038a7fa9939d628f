using Realtime.Client.Background;
using Realtime.Client.Connection;
using Realtime.Contracts;

namespace Realtime.Client.People;

/// <summary>Friendships. Every step can be repeated; the other side and our own other devices hear of it.</summary>
public sealed class Friends
{
    /// <summary>As many as one may have, and then some: pages of 200.</summary>
    const int MaxPages = 12;

    const int Page = 200;

    readonly HubConnection _connection;
    readonly RestApi _rest;
    readonly Broadcast<FriendEvent> _changes = new();

    internal Friends(HubConnection connection, RestApi rest) => (_connection, _rest) = (connection, rest);

    /// <summary>How we stand with somebody has changed. A loop that falls 1,024 behind loses the oldest; <see cref="ListAsync"/> has the truth.</summary>
    public IAsyncEnumerable<FriendEvent> Changes => _changes.ReadAsync();

    /// <summary>Asks; who has asked us already becomes a friend at once.</summary>
    public Task<Friend> RequestAsync(string user, CancellationToken cancellation = default) => _connection.CallAsync<Friend>("RequestFriend", new FriendRequest(user), cancellation);

    public Task<Friend> AcceptAsync(string user, CancellationToken cancellation = default) => _connection.CallAsync<Friend>("AnswerFriend", new AnswerFriendRequest(user, true), cancellation);

    public Task<Friend> DeclineAsync(string user, CancellationToken cancellation = default) => _connection.CallAsync<Friend>("AnswerFriend", new AnswerFriendRequest(user, false), cancellation);

    /// <summary>Ends a friendship, or withdraws a request.</summary>
    public Task<Friend> RemoveAsync(string user, CancellationToken cancellation = default) => _connection.CallAsync<Friend>("RemoveFriend", new FriendRequest(user), cancellation);

    /// <summary>Friends with their presence, and open requests either way.</summary>
    public async Task<IReadOnlyList<Friend>> ListAsync(CancellationToken cancellation = default)
    {
        var all = new List<Friend>();
        for (var page = 0; page < MaxPages; page++)
        {
            var after = all.Count == 0 ? "" : $"&after={Uri.EscapeDataString(all[^1].User)}";
            var friends = await _rest.GetAsync<List<Friend>>($"friends?limit={Page}{after}", cancellation);
            all.AddRange(friends);
            if (friends.Count < Page)
                break;
        }
        return all;
    }

    internal void Publish(FriendEvent change) => _changes.Publish(change);

    internal void End() => _changes.Complete();
}
