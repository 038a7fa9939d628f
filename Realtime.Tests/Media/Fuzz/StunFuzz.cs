using Realtime.Media.Core;
using Realtime.Media.Ice;
using Realtime.Tests.Media.Ice;
using Xunit;

namespace Realtime.Tests.Media.Fuzz;

public sealed class StunFuzz
{
    [Fact]
    public void Nothing_unproven_is_learnt_or_answered_at_length()
    {
        var bench = new IceBench();
        var agent = bench.Agent;
        bench.Check(bench.Client(), 1);
        var outbox = new Outbox(1 << 12, 16);
        var corpus = new List<byte[]>
        {
            StunVectorTests.Request.ToArray(),
            Request(agent.Local, StunClass.Request, StunAttribute.IceControlling), Request(agent.Local, StunClass.Request, StunAttribute.IceControlled),
            Request(agent.Local, StunClass.Request, (StunAttribute)0x7ABC), Request(agent.Local, StunClass.Indication, StunAttribute.IceControlling),
            Request(agent.Local, StunClass.Success, StunAttribute.IceControlling), bench.Answer,
        };
        var fuzzer = new Fuzzer("stun", 60_000, corpus) { AllowedBytes = 0 };
        var number = 0;
        fuzzer.Run(input =>
        {
            outbox.Clear();
            var from = IceBench.Address(2 + (number++ & 0xFFF));
            var wasKnown = agent.IsValidated(from);
            var isProven = IsProven(input, agent.Local);
            StunMessage.TryReadLocalUfrag(input, out _);
            var drop = agent.Receive(bench.Now, from, input, outbox);
            Promise.Holds(outbox.Count <= 1, "one answer at most");
            if (isProven) return;
            Promise.Holds(outbox.UsedBytes <= input.Length, "an unproven request is not answered by more than it has");
            Promise.Holds(wasKnown || !agent.IsValidated(from), "an unproven request validates no path");
            Promise.Holds(drop != DropReason.None || StunMessage.IsIndication(input), "an unproven request is dropped");
        });
        Assert.True(Enumerable.Range(0, 1 << 13).Count(n => agent.IsValidated(IceBench.Address(n))) <= CandidatePaths.Capacity);
        Assert.False(agent.HasExpired);
    }

    static bool IsProven(ReadOnlySpan<byte> input, IceCredentials credentials) =>
        StunMessage.TryRead(input, out var message) && message.IntegrityOffset != 0 && MessageIntegrity.Verify(message, credentials.Key);

    static byte[] Request(IceCredentials credentials, StunClass messageClass, StunAttribute role)
    {
        var buffer = new byte[256];
        var writer = new StunWriter(buffer, messageClass, new byte[StunMessage.TransactionIdSize]);
        writer.Bytes(StunAttribute.Username, [.. credentials.UfragBytes, (byte)':', (byte)'x']);
        writer.UInt64(role, 1);
        writer.Flag(StunAttribute.UseCandidate);
        writer.UInt32(StunAttribute.Priority, 100);
        return buffer[..writer.Finish(credentials.Key)];
    }
}
