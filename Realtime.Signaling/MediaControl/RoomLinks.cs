using System.Collections.Concurrent;
using System.Security.Cryptography;
using Realtime.Contracts.MediaControl;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Rooms;

namespace Realtime.Signaling.MediaControl;

/// <summary>
/// Spreads a room over nodes: when the node that has it takes nobody more, who comes next joins a part of the room on another node, which a relay joins to the first. The keys of the
/// link are made here, travel in the two commands that open its ends, and are kept nowhere.
/// </summary>
public sealed class RoomLinks(NodeDirectory directory, MediaNodes nodes)
{
    const int KeyBytes = 56;
    const int UfragBytes = 6;
    const int PwdBytes = 18;

    /// <summary>One at a time per room and node here; of two replicas the node itself takes the first. Bounded by the nodes and by who joins at this moment.</summary>
    readonly ConcurrentDictionary<(Placement Home, string Node), Lazy<Task>> _opening = [];

    /// <summary>Where the next participant of the room goes: to its place, or, when that is full, to the least used node that is not.</summary>
    public async Task<Placement> SpreadAsync(Placement home, CancellationToken cancellation)
    {
        if (!directory.IsFull(home.Node) || directory.ChoosePart(home) is not { } node)
            return home;
        var part = home with { Node = node };
        if (!directory.Has(part))
            await OpenAsync(home, node).WaitAsync(cancellation);
        return part;
    }

    async Task OpenAsync(Placement home, string node)
    {
        var opening = _opening.GetOrAdd((home, node), key => new Lazy<Task>(() => OpenNowAsync(key.Home, key.Node)));
        try
        {
            await opening.Value;
        }
        finally
        {
            _opening.TryRemove(new((home, node), opening));
        }
    }

    async Task OpenNowAsync(Placement home, string node)
    {
        var (own, other) = (Ssrc(), Ssrc());
        var accept = new RelayCommand(
            Guid.CreateVersion7().ToString(), home.Room, home.Epoch, $"relay:{Guid.CreateVersion7():N}", Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyBytes)),
            Text(UfragBytes), Text(PwdBytes), own, other);
        var answer = await nodes[home.Node].RelayAsync(accept, CancellationToken.None);
        await nodes[node].RelayAsync(
            accept with { CommandId = Guid.CreateVersion7().ToString(), OwnSsrc = other, RemoteSsrc = own, Dial = answer.Address }, CancellationToken.None);
        ActionLog.Record("media.links", "opened", room: home.Room, detail: node);
    }

    // Base64 has the characters of ICE, and these lengths need no filling.
    static string Text(int bytes) => Convert.ToBase64String(RandomNumberGenerator.GetBytes(bytes));

    static uint Ssrc() => (uint)RandomNumberGenerator.GetInt32(1, int.MaxValue);
}
