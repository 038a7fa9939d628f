using Realtime.Media.Core;
using Realtime.Media.Dtls;
using Realtime.Tests.Media.Dtls;
using Xunit;

namespace Realtime.Tests.Media.Fuzz;

/// <summary>Records before and in OpenSSL: flights of real handshakes, damaged.</summary>
public sealed class DtlsFuzz
{
    /// <summary>Datagrams that a handshake under attack gets before the next one begins.</summary>
    const int PerHandshake = 6;

    [Fact]
    public void A_handshake_fails_or_waits_and_says_no_more_than_a_flight()
    {
        var flights = Recorded();
        var outbox = new Outbox(1 << 18, 256);
        var fuzzer = new Fuzzer("dtls handshake", 2_500, flights);
        var now = Instant.FromMilliseconds(1);
        DtlsServer? server = null;
        var fed = 0;
        fuzzer.Run(input =>
        {
            outbox.Clear();
            if (server is null || ++fed > PerHandshake)
            {
                server?.Dispose();
                fed = 0;
                server = new DtlsServer(DtlsPair.ServerContext, DtlsPair.ClientContext.Certificate.Fingerprint);
                server.Start(now, DtlsPair.ClientAddress, outbox);
                if (fuzzer.Random.Next(3) > 0) server.Receive(now, DtlsPair.ClientAddress, flights[0], outbox);
                outbox.Clear();
            }

            now += TimeSpan.FromMilliseconds(50);
            server.Receive(now, DtlsPair.ClientAddress, input, outbox);
            // A repetition of the last flight, and the next one.
            Promise.Holds(outbox.UsedBytes <= 2 * DtlsFlight.MaxSize, "an answer is a flight or two");
            Promise.Holds(!server.IsConnected, "no handshake ends without its key");
            while (server.TryTakeEvent(out var e)) Promise.Holds(e.Kind == DtlsEventKind.Failed, "a handshake can only fail");
            server.Tick(now, outbox);
        });
        server?.Dispose();
    }

    [Fact]
    public void A_connection_hears_nothing_that_was_not_sealed_for_it()
    {
        var foreign = Recorded();
        using var pair = new DtlsPair(seed: 2);
        pair.Start();
        pair.Run(TimeSpan.FromSeconds(2));
        Assert.True(pair.Server.IsConnected);
        while (pair.Server.TryTakeEvent(out var e)) e.Keys?.Dispose();
        var outbox = new Outbox(1 << 18, 256);
        new Fuzzer("dtls connected", 20_000, foreign) { AllowedBytes = 1024 }.Run(input =>
        {
            outbox.Clear();
            pair.Server.Receive(pair.Now, DtlsPair.ClientAddress, input, outbox);
            Promise.Holds(pair.Server.IsConnected, "a forged record ends nothing");
            Promise.Holds(outbox.UsedBytes <= DtlsFlight.MaxSize, "an answer is a flight");
        });
        // What was forged does not keep the goodbye from being heard.
        pair.Run(TimeSpan.FromSeconds(2));
        pair.Close(pair.Client);
        pair.Run(TimeSpan.FromSeconds(1));
        Assert.False(pair.Server.IsConnected);
    }

    public static List<byte[]> Recorded()
    {
        using var pair = new DtlsPair();
        pair.Start();
        pair.Run(TimeSpan.FromSeconds(2));
        Assert.True(pair.Server.IsConnected);
        pair.Close(pair.Client);
        return [.. pair.FromClient, .. pair.FromServer];
    }
}
