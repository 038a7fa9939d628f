using System.Net;
using Realtime.Bench.Load;
using Realtime.Contracts;
using Realtime.Tests.Harness;

namespace Realtime.Tests.Soak;

/// <summary>People who come and go: each with a token and an address of its own, by the hub, with a camera or only to look; for some seconds; leaving as one should or just being gone.</summary>
sealed class Churn(RunningApp app, SoakOptions options)
{
    const int Rooms = 5;
    const int Kilobits = 100;
    const int ReceiveSections = 3;

    static readonly TimeSpan s_connectWithin = TimeSpan.FromSeconds(20);

    readonly Random _random = new(options.Seed);
    readonly LoadThread _load = new(SourceKind.Video, IPAddress.Loopback);
    long _joined;
    long _failed;
    int _number;

    public long Joined => Interlocked.Read(ref _joined);

    /// <summary>Could not come in or did not connect.</summary>
    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>Returns when everybody is gone again.</summary>
    public async Task RunAsync(TimeSpan duration, CancellationToken cancellation)
    {
        var visits = new List<Task>();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        end.CancelAfter(duration);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / options.Rate));
        try
        {
            while (await timer.WaitForNextTickAsync(end.Token))
            {
                visits.RemoveAll(static visit => visit.IsCompleted);
                visits.Add(VisitAsync(++_number, 2 + (_random.NextDouble() * 6), _random.Next(4), cancellation));
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // The time is over.
        }
        await Task.WhenAll(visits);
    }

    public void Stop() => _load.Dispose();

    async Task VisitAsync(int number, double seconds, int kind, CancellationToken cancellation)
    {
        var client = _load.Create();
        HubClient? hub = null;
        try
        {
            var user = $"soak-{options.Seed}-{number}";
            var source = new IPAddress([127, (byte)(70 + (number >> 16)), (byte)(number >> 8), (byte)number]);
            hub = await HubClient.ConnectAsync(new HubClientOptions(app.SignalingFront, await app.TokenAsync(user)) { SourceAddress = source }, cancellation);
            await hub.InvokeAsync<HelloResult>("Hello", new HelloRequest(), cancellation);
            var room = $"soak-{options.Seed}-{number % Rooms}";
            var publishes = kind % 2 == 0;
            if (publishes)
                client.Publish(SourceKind.Video, Kilobits);
            var offer = publishes ? client.Offer() : client.Offer(SourceKind.Video, ReceiveSections);
            var joined = await hub.InvokeAsync<JoinRoomResult>("JoinRoom", new JoinRoomRequest(room, Sdp: offer), cancellation);
            await _load.AcceptAsync(client, joined.Sdp!);
            await client.Connected.WaitAsync(s_connectWithin, cancellation);
            await _load.StartSourcesAsync();
            Interlocked.Increment(ref _joined);
            await Task.Delay(TimeSpan.FromSeconds(seconds), cancellation);
            // Half of them just close the page.
            if (kind < 2)
                await hub.InvokeAsync<Done>("LeaveRoom", new LeaveRoomRequest(room), cancellation);
        }
        catch (Exception exception) when (exception is TimeoutException or HubCallException or HubConnectionException or HttpRequestException or InvalidOperationException or IOException)
        {
            if (Interlocked.Increment(ref _failed) <= 5)
                await Console.Error.WriteLineAsync($"  visit {number}: {exception.Message}");
        }
        finally
        {
            await _load.RemoveAsync(client);
            if (hub is not null)
                await hub.DisposeAsync();
        }
    }
}
