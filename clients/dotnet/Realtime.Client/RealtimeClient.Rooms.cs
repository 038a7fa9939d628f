using System.Text.Json;
using Realtime.Client.Rooms;
using Realtime.Contracts;

namespace Realtime.Client;

/// <summary>Calls.</summary>
public sealed partial class RealtimeClient
{
    readonly Dictionary<string, Room> _rooms = [];

    /// <summary>The calls we are in.</summary>
    public IReadOnlyList<Room> Rooms
    {
        get
        {
            lock (_gate)
                return [.. _rooms.Values];
        }
    }

    /// <summary>Joins a call; one presence per room and client. Media follows: <see cref="Room.ConnectedAsync"/>. Needs OpenSSL 3, which .NET on Linux has anyway.</summary>
    /// <exception cref="RealtimeException">Refused, or <c>conflict</c>: already in it.</exception>
    public async Task<Room> JoinRoomAsync(string name, JoinRoomOptions? options = null, CancellationToken cancellation = default)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _disposed) != 0, this);
        var room = new Room(name, options?.Element, _options, _connection, _supervisor, Forget);
        lock (_gate)
        {
            if (!_rooms.TryAdd(name, room))
                throw new RealtimeException(new RealtimeError(ErrorCode.Conflict, $"Already in the room {name}.", "room"));
        }
        await room.EnterAsync(cancellation);
        return room;
    }

    void Forget(Room room)
    {
        lock (_gate)
        {
            if (_rooms.GetValueOrDefault(room.Name) == room)
                _rooms.Remove(room.Name);
        }
    }

    void HandleRoom(string name, JsonElement payload, string? at)
    {
        Room? room;
        lock (_gate)
            room = at is null ? null : _rooms.GetValueOrDefault(at);
        if (name == HubEvent.AccessLost)
            room?.AccessLost();
        else
            room?.Handle(name, payload);
    }

    void RoomsReconnected(HelloResult welcome)
    {
        foreach (var room in Rooms)
            room.Reconnected(welcome);
    }

    async Task LeaveRoomsAsync()
    {
        foreach (var room in Rooms)
            await room.DisposeAsync();
    }
}
