using Realtime.Media.Core;
using Realtime.Media.Ice;
using Realtime.Tests.Harness;
using Xunit;

namespace Realtime.Tests.Media.Ice;

public class IceLiteAgentTests
{
    readonly IceBench bench = new();

    [Fact]
    public void The_first_check_connects_and_is_answered_with_the_address_seen_and_a_nominated_path_takes_over()
    {
        var client = bench.Client();
        Assert.Equal(DropReason.None, bench.Check(client, 1, nominate: false));
        Assert.True(client.IsConnected);
        Assert.Equal(IceBench.Address(1), client.Mapped);
        Assert.True(bench.Agent.IsValidated(IceBench.Address(1)));
        Assert.Equal(1, bench.Selected());
        Assert.Equal([IceEventKind.Connected], bench.Events());

        bench.Check(client, 2);
        Assert.Equal(2, bench.Selected());
        Assert.Equal([IceEventKind.PathChanged], bench.Events());
        bench.Check(client, 2);
        Assert.Empty(bench.Events());
    }

    [Fact]
    public void An_unauthenticated_check_gets_at_most_36_bytes_and_leaves_no_trace()
    {
        var stranger = bench.Client(remote: bench.NewCredentials());
        Assert.Equal(DropReason.BadIntegrity, bench.Check(stranger, 1));
        Assert.Equal(401, stranger.LastError);
        Assert.Equal(36, bench.Answer.Length);

        Assert.True(IceCredentials.TryCreate(bench.Agent.Local.Ufrag, new string('a', 24), out var guessed));
        var guesser = bench.Client(remote: guessed);
        Assert.Equal(DropReason.BadIntegrity, bench.Check(guesser, 1));
        Assert.Equal(401, guesser.LastError);
        Assert.False(bench.Agent.IsValidated(IceBench.Address(1)));
    }

    [Fact]
    public void Without_integrity_400_but_nothing_longer_than_the_request()
    {
        var buffer = new byte[100];
        var transaction = new byte[12];
        var bare = new StunWriter(buffer, StunClass.Request, transaction);
        Assert.Equal(DropReason.BadIntegrity, bench.Receive(buffer[..bare.Finish(default)], 1));
        Assert.Empty(bench.Answer);

        var named = new StunWriter(buffer, StunClass.Request, transaction);
        named.Bytes(StunAttribute.Username, "somebody:else"u8);
        Assert.Equal(DropReason.BadIntegrity, bench.Receive(buffer[..named.Finish(default)], 1));
        Assert.True(StunMessage.TryRead(bench.Answer, out var answer));
        Assert.Equal(400, answer.ErrorCode);
    }

    [Fact]
    public void Without_a_right_fingerprint_there_is_no_answer_at_all()
    {
        var request = StunVectorTests.Request.ToArray();
        request[^1] ^= 1;
        Assert.Equal(DropReason.BadIntegrity, bench.Receive(request, 1));
        Assert.Empty(bench.Answer);
    }

    [Theory]
    [InlineData(StunAttribute.IceControlled, 487)]
    [InlineData((StunAttribute)0x7ABC, 420)]
    public void Role_conflicts_and_unknown_attributes_are_told_under_integrity(StunAttribute attribute, int error)
    {
        var buffer = new byte[200];
        var writer = new StunWriter(buffer, StunClass.Request, new byte[12]);
        writer.Bytes(StunAttribute.Username, [.. bench.Agent.Local.UfragBytes, (byte)':', (byte)'x']);
        writer.UInt64(attribute, ulong.MaxValue);
        writer.Flag(StunAttribute.UseCandidate);
        Assert.Equal(DropReason.None, bench.Receive(buffer[..writer.Finish(bench.Agent.Local.Key)], 1));
        Assert.True(StunMessage.TryRead(bench.Answer, out var answer));
        Assert.Equal(error, answer.ErrorCode);
        Assert.True(MessageIntegrity.Verify(answer, bench.Agent.Local.Key));
        Assert.Null(bench.Selected());
    }

    [Fact]
    public void An_aggressive_nominator_ends_on_its_best_path()
    {
        var best = bench.Client(priority: 200);
        var worse = bench.Client(priority: 100);
        bench.Check(worse, 1);
        bench.Check(best, 2);
        bench.Check(worse, 1);
        Assert.Equal(2, bench.Selected());
        Assert.Equal([IceEventKind.Connected, IceEventKind.PathChanged], bench.Events());
    }

    [Fact]
    public void A_regular_nominator_may_move_to_a_worse_path()
    {
        var wifi = bench.Client(priority: 200);
        var mobile = bench.Client(priority: 100);
        bench.Check(wifi, 1);
        for (var i = 0; i < 4; i++)
        {
            bench.Pass(TimeSpan.FromMilliseconds(300));
            bench.Check(wifi, 1, nominate: false);
            bench.Check(mobile, 2);
        }

        Assert.Equal(2, bench.Selected());
    }

    [Fact]
    public void A_rebound_address_of_the_same_candidate_takes_over_at_once()
    {
        var client = bench.Client();
        bench.Check(client, 1);
        bench.Check(client, 2);
        Assert.Equal(2, bench.Selected());
    }

    [Fact]
    public void A_silent_path_gives_way_to_a_living_one_without_a_nomination()
    {
        var first = bench.Client(priority: 200);
        var second = bench.Client(priority: 100);
        bench.Check(first, 1);
        bench.Pass(TimeSpan.FromSeconds(4));
        bench.Check(second, 2, nominate: false);
        Assert.Equal(1, bench.Selected());
        bench.Pass(TimeSpan.FromSeconds(1));
        bench.Check(second, 2, nominate: false);
        Assert.Equal(2, bench.Selected());
    }

    [Fact]
    public void Consent_lasts_30_seconds_from_the_last_check_or_authentic_traffic()
    {
        var client = bench.Client();
        bench.Check(client, 1);
        bench.Events();
        bench.Pass(TimeSpan.FromSeconds(20));
        bench.Agent.ConfirmTraffic(bench.Now, IceBench.Address(1));
        bench.Agent.ConfirmTraffic(bench.Now + TimeSpan.FromSeconds(10), IceBench.Address(9));
        Assert.Equal(bench.Now + TimeSpan.FromSeconds(30), bench.Agent.NextDeadline);

        bench.Pass(TimeSpan.FromSeconds(29));
        bench.Agent.Tick(bench.Now);
        Assert.Empty(bench.Events());
        bench.Pass(TimeSpan.FromSeconds(1));
        bench.Agent.Tick(bench.Now);
        Assert.Equal([IceEventKind.ConsentExpired], bench.Events());
        Assert.Equal(Instant.Never, bench.Agent.NextDeadline);
        Assert.Equal(DropReason.PeerClosed, bench.Check(client, 1));
    }

    [Fact]
    public void A_restart_keeps_the_path_until_one_is_nominated_under_the_new_credentials()
    {
        var old = bench.Client(priority: 200);
        bench.Check(old, 1);
        bench.Events();
        bench.Agent.Restart(bench.NewCredentials());
        Assert.Equal(1, bench.Selected());
        Assert.Equal(DropReason.None, bench.Check(old, 1));

        var renewed = bench.Client(priority: 100);
        bench.Check(renewed, 2, nominate: false);
        Assert.Equal(1, bench.Selected());
        bench.Check(renewed, 2);
        Assert.Equal(2, bench.Selected());
        Assert.Equal([IceEventKind.PathChanged, IceEventKind.RestartCompleted], bench.Events());
        Assert.Null(bench.Agent.PreviousLocal);
        Assert.Equal(DropReason.BadIntegrity, bench.Check(old, 1));
    }

    [Fact]
    public void A_second_restart_before_the_first_completes_replaces_it()
    {
        var old = bench.Client();
        bench.Check(old, 1);
        bench.Agent.Restart(bench.NewCredentials());
        var skipped = bench.Client();
        bench.Agent.Restart(bench.NewCredentials());
        Assert.Equal(DropReason.BadIntegrity, bench.Check(skipped, 1));
        Assert.Equal(DropReason.None, bench.Check(old, 1));
        Assert.Equal(DropReason.None, bench.Check(bench.Client(), 1));
        Assert.Null(bench.Agent.PreviousLocal);
    }

    [Fact]
    public void Paths_are_bounded_and_the_selected_one_stays()
    {
        var client = bench.Client();
        bench.Check(client, 1);
        for (var i = 2; i < 100; i++)
        {
            bench.Pass(TimeSpan.FromMilliseconds(1));
            bench.Check(client, i, nominate: false);
        }

        Assert.Equal(1, bench.Selected());
        Assert.True(bench.Agent.IsValidated(IceBench.Address(1)));
        Assert.Equal(CandidatePaths.Capacity, Enumerable.Range(0, 200).Count(n => bench.Agent.IsValidated(IceBench.Address(n))));
    }

    [Fact]
    public void Answering_allocates_nothing()
    {
        var outbox = new Outbox(1 << 16, 64);
        var buffer = new byte[200];
        var writer = new StunWriter(buffer, StunClass.Request, new byte[12]);
        writer.Bytes(StunAttribute.Username, [.. bench.Agent.Local.UfragBytes, (byte)':', (byte)'x']);
        writer.UInt64(StunAttribute.IceControlling, 1);
        writer.Flag(StunAttribute.UseCandidate);
        var length = writer.Finish(bench.Agent.Local.Key);
        var answered = 0;
        var sent = 0;
        void Exchange()
        {
            for (var end = sent + 500; sent < end; sent++)
            {
                outbox.Clear();
                StunMessage.TryReadLocalUfrag(buffer.AsSpan(0, length), out _);
                if (bench.Agent.Receive(bench.Now, IceBench.Address(1), buffer.AsSpan(0, length), outbox) == DropReason.None) answered++;
            }
        }

        Exchange();
        Assert.Equal(0, Allocation.Of(Exchange));
        Assert.Equal(sent, answered);
    }
}
