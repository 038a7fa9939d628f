using System.Net;
using System.Security.Cryptography;
using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.Media.Isolation;
using Realtime.Media.Relay;
using Realtime.ServiceDefaults.CrashSafety;

namespace Realtime.Media.Control;

/// <summary>Opens and ends the links between the parts of a room on this node: the part that is new dials the room's home, under keys made for the two alone.</summary>
public sealed class RoomRelays(WorkerFleet fleet, RoomParts parts, IPAddress bind, IPAddress? announced, TimeProvider time)
{
    static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Links are told apart by their first characters and numbers; a collision is refused by the worker.</summary>
    const int UfragBytes = 6;
    const int PwdBytes = 18;

    /// <summary>Where another node dials the room; null without UDP.</summary>
    public string? AddressOf(string room) => fleet.For(room).Port is > 0 and var port ? new IPEndPoint(announced ?? Reachable(bind), port).ToString() : null;

    /// <returns>Null, or why the part could not be joined to the room.</returns>
    public async Task<RealtimeError?> OpenAsync(string room, long epoch, RoomParts.Seat seat)
    {
        var home = fleet.Workers[seat.Home];
        if (home.Port == 0)
            return new RealtimeError(ErrorCode.Unavailable, "The room has outgrown its worker, and without UDP it cannot be spread.", RetryAfterMs: 5000);
        var (own, other) = (RandomSsrc(), RandomSsrc());
        var accept = new RelayCommand(
            "", room, epoch, seat.Link!, Convert.ToBase64String(RandomNumberGenerator.GetBytes(RelayKeys.Length)), Text(UfragBytes), Text(PwdBytes), own, other);
        var dial = accept with { OwnSsrc = other, RemoteSsrc = own, Dial = new IPEndPoint(Reachable(bind), home.Port).ToString() };
        ActionLog.Record("media", "roomGrows", room: room, detail: seat.Link);
        return await CallAsync(home, accept) ?? await CallAsync(fleet.Workers[seat.Worker], dial);
    }

    /// <summary>On a worker's thread: what it tells goes to everybody, and keeps the parts.</summary>
    public void Heard(int worker, MediaRoomEvent e)
    {
        if (parts.Heard(worker, e) is { } link) End(e.Room, link);
    }

    public void End(string room, string link)
    {
        // A full mailbox keeps the link until nobody answers its checks.
        fleet.For(room).Mailbox.TryCall((worker, now, outbox) => worker.EndRelay(now, room, link, outbox));
    }

    /// <summary>The part could not be joined to the room.</summary>
    public void EndPart(string room, int part) => fleet.Workers[part].Mailbox.TryCall((worker, _, _) => worker.EndPart(room));

    async Task<RealtimeError?> CallAsync(WorkerThread worker, RelayCommand command)
    {
        if (worker.Mailbox.TryCall((each, now, outbox) => each.Relay(now, command, outbox)) is not { } call)
            return new RealtimeError(ErrorCode.Unavailable, "The worker has too much to do.", RetryAfterMs: 1000);
        try
        {
            return (await call.WaitAsync(AnswerTimeout, time)).Error;
        }
        catch (Exception failed) when (failed is WorkerDownException or TimeoutException)
        {
            return new RealtimeError(ErrorCode.Unavailable, "The worker starts anew after a fault.", RetryAfterMs: 1000);
        }
    }

    static IPAddress Reachable(IPAddress bind) => bind.Equals(IPAddress.IPv6Any) || bind.Equals(IPAddress.Any) ? IPAddress.Loopback : bind;

    // Base64 has the characters of ICE, and these lengths need no filling.
    static string Text(int bytes) => Convert.ToBase64String(RandomNumberGenerator.GetBytes(bytes));

    static uint RandomSsrc() => (uint)RandomNumberGenerator.GetInt32(1, int.MaxValue);
}
