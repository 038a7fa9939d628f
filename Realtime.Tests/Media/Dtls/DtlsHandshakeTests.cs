using Realtime.Media.Core;
using Realtime.Media.Dtls;
using Xunit;

namespace Realtime.Tests.Media.Dtls;

public class DtlsHandshakeTests
{
    [Fact]
    public void Both_sides_get_the_same_keys_and_GCM_is_chosen()
    {
        using var pair = new DtlsPair();
        pair.Start();
        pair.Run(TimeSpan.FromSeconds(1));

        var (server, client) = AssertConnected(pair);
        Assert.Equal(7, server.ProfileId);
        Assert.NotEqual(server.SendKey.ToArray(), server.ReceiveKey.ToArray());
        Assert.Equal(12, client.SendSalt.Length);
        Assert.Equal(Instant.Never, pair.Server.NextDeadline);
        Assert.All(pair.FromServer, d => Assert.InRange(d.Length, 1, DtlsFlight.Mtu));
    }

    [Fact]
    public void A_lossy_reordering_duplicating_network_only_takes_longer()
    {
        for (ulong seed = 1; seed <= 40; seed++)
        {
            using var pair = new DtlsPair(seed) { Loss = 0.25, Duplication = 0.2, JitterMilliseconds = 60 };
            pair.Start();
            pair.Run(TimeSpan.FromSeconds(31));
            Assert.True(pair.Server.TryTakeEvent(out var e), $"seed {seed}");
            Assert.True(e.Kind == DtlsEventKind.Connected, $"seed {seed}: {e}");
            Assert.True(pair.Client.IsConnected, $"seed {seed}");
        }
    }

    [Fact]
    public void A_lost_last_flight_is_repeated_after_the_SSL_is_gone()
    {
        var lost = 0;
        using var pair = new DtlsPair { Filter = (toServer, d) => toServer || d[0] != DtlsRecord.ChangeCipherSpec || lost++ > 0 };
        pair.Start();
        pair.Run(TimeSpan.FromMilliseconds(500));
        Assert.True(pair.Server.IsConnected);
        Assert.False(pair.Client.IsConnected);

        pair.Run(TimeSpan.FromSeconds(5));
        AssertConnected(pair);
    }

    [Fact]
    public void The_server_flight_is_repeated_when_the_client_repeats_its_hello()
    {
        var lost = 0;
        using var pair = new DtlsPair { Filter = (toServer, _) => toServer || lost++ > 0 };
        pair.Start();
        pair.Run(TimeSpan.FromSeconds(5));
        AssertConnected(pair);
    }

    [Fact]
    public void Without_an_answer_the_server_gives_up_after_30_seconds()
    {
        using var pair = new DtlsPair { Filter = (toServer, d) => toServer && DtlsRecord.IsClientHello(d) };
        pair.Start();
        pair.Run(TimeSpan.FromSeconds(29));
        Assert.False(pair.Server.TryTakeEvent(out _));
        pair.Run(TimeSpan.FromSeconds(2));
        Assert.True(pair.Server.TryTakeEvent(out var e));
        Assert.Equal(DtlsFailure.Timeout, e.Failure);
        Assert.Equal(Instant.Never, pair.Server.NextDeadline);
    }

    [Fact]
    public void Another_certificate_than_announced_fails_and_the_client_never_hears_Finished()
    {
        using var pair = new DtlsPair(expectedClient: DtlsFingerprint.Of([1, 2, 3]));
        pair.Start();
        pair.Run(TimeSpan.FromSeconds(3));
        Assert.True(pair.Server.TryTakeEvent(out var e));
        Assert.Equal(DtlsFailure.FingerprintMismatch, e.Failure);
        Assert.False(pair.Client.IsConnected);
    }

    [Fact]
    public void Close_notify_ends_the_other_side_at_once_in_both_directions()
    {
        foreach (var serverCloses in new[] { true, false })
        {
            using var pair = new DtlsPair();
            pair.Start();
            pair.Run(TimeSpan.FromSeconds(1));
            AssertConnected(pair);

            pair.Close(serverCloses ? pair.Server : pair.Client);
            pair.Run(TimeSpan.FromSeconds(1));
            DtlsEndpoint other = serverCloses ? pair.Client : pair.Server;
            Assert.True(other.TryTakeEvent(out var e));
            Assert.Equal(DtlsEventKind.Closed, e.Kind);
            Assert.False(other.IsConnected);
        }
    }

    [Fact]
    public void A_tampered_close_notify_changes_nothing()
    {
        var closing = Array.Empty<byte>();
        using var pair = new DtlsPair
        {
            Filter = (toServer, d) =>
            {
                if (!toServer || d[0] != DtlsRecord.Alert) return true;
                closing = d;
                return false;
            },
        };
        pair.Start();
        pair.Run(TimeSpan.FromSeconds(1));
        AssertConnected(pair);
        pair.Close(pair.Client);
        Assert.NotEmpty(closing);

        for (var i = 0; i < closing.Length; i++)
        {
            var forged = closing.ToArray();
            forged[i] ^= 1;
            pair.ToServer(forged);
            Assert.False(pair.Server.TryTakeEvent(out _));
        }

        pair.ToServer(closing);
        Assert.True(pair.Server.TryTakeEvent(out var e));
        Assert.Equal(DtlsEventKind.Closed, e.Kind);
    }

    static (DtlsSrtpKeys Server, DtlsSrtpKeys Client) AssertConnected(DtlsPair pair)
    {
        Assert.True(pair.Server.TryTakeEvent(out var server));
        Assert.Equal(DtlsEventKind.Connected, server.Kind);
        Assert.True(pair.Client.TryTakeEvent(out var client));
        Assert.Equal(DtlsEventKind.Connected, client.Kind);
        Assert.Equal(server.Keys!.SendKey, client.Keys!.ReceiveKey);
        Assert.Equal(server.Keys.SendSalt, client.Keys.ReceiveSalt);
        Assert.Equal(server.Keys.ReceiveKey, client.Keys.SendKey);
        Assert.Equal(server.Keys.ReceiveSalt, client.Keys.SendSalt);
        return (server.Keys, client.Keys);
    }
}
