using System.Net;
using Realtime.Bench.Load;
using Realtime.Tests.Harness;

namespace Realtime.Tests.MediaChaos;

/// <summary>Somebody with a token and keys who sends ten times what a peer may: it is closed for it, and comes back.</summary>
sealed class GreedyMember(RunningApp app, string name) : IMediaAttack
{
    const int Kilobits = 200_000;
    const int Room = 0;

    static readonly TimeSpan s_connectWithin = TimeSpan.FromSeconds(10);
    static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(500);
    static readonly TimeSpan s_closedWithin = TimeSpan.FromSeconds(20);

    long _count;

    public string Name => "greedy member";

    /// <summary>Times it was closed.</summary>
    public long Count => Interlocked.Read(ref _count);

    public async Task RunAsync(Violations violations, CancellationToken cancellation)
    {
        using var load = new LoadThread(SourceKind.Video, IPAddress.Loopback);
        using var rooms = new WhipRooms(app, load, name);
        try
        {
            while (true)
                await ComeAsync(load, rooms, violations, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // That is how it ends.
        }
    }

    async Task ComeAsync(LoadThread load, WhipRooms rooms, Violations violations, CancellationToken cancellation)
    {
        var greedy = load.Create();
        greedy.Publish(SourceKind.Video, Kilobits);
        try
        {
            await rooms.PublishAsync(Room, greedy);
            await greedy.Connected.WaitAsync(s_connectWithin, cancellation);
            await load.StartSourcesAsync();
            if (await GoneAsync(rooms, rooms.UserOf(greedy), cancellation))
                Interlocked.Increment(ref _count);
            else
                violations.Add("a member that sends 200 Mbit/s is not closed");
        }
        catch (Exception exception) when (exception is TimeoutException or InvalidOperationException)
        {
            // Its worker was felled on purpose while it came in; it comes again.
            await Task.Delay(s_pause, cancellation);
        }
        finally
        {
            await load.RemoveAsync(greedy);
        }
    }

    static async Task<bool> GoneAsync(WhipRooms rooms, string user, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(250));
        for (var waited = TimeSpan.Zero; waited < s_closedWithin; waited += timer.Period)
        {
            if (!(await rooms.UsersAsync(Room)).Contains(user))
                return true;
            await timer.WaitForNextTickAsync(cancellation);
        }
        return false;
    }
}
