using System.Buffers.Binary;
using Realtime.Media.Core;
using Realtime.Media.Ice;

namespace Realtime.Bench.Load;

/// <summary>
/// The browser's side of ICE towards one candidate of a server: checks it each 48 ms until it answers, then each 2.5 s as Chrome does on a
/// stable path, nominating with each check; answers a full agent's own checks.
/// </summary>
sealed class ControllingIce(IceCredentials local, IceCredentials remote, NetAddress server, Entropy entropy)
{
    static readonly TimeSpan Weak = TimeSpan.FromMilliseconds(48);
    static readonly TimeSpan Stable = TimeSpan.FromMilliseconds(2500);

    readonly byte[] transaction = NewTransaction(entropy);
    readonly byte[] username = [.. remote.UfragBytes, (byte)':', .. local.UfragBytes];
    readonly ulong tieBreaker = entropy.NextUInt64();
    int checks;

    public bool IsConnected { get; private set; }

    public Instant NextDeadline { get; private set; } = Instant.Zero;

    public void Tick(Instant now, Outbox outbox)
    {
        if (now < NextDeadline || !outbox.TryReserve(StunMessage.MaxSize, out var buffer)) return;
        NextDeadline = now + (IsConnected ? Stable : Weak);
        BinaryPrimitives.WriteInt32BigEndian(transaction.AsSpan(8), checks++);
        var writer = new StunWriter(buffer, StunClass.Request, transaction);
        writer.Bytes(StunAttribute.Username, username);
        writer.UInt64(StunAttribute.IceControlling, tieBreaker);
        writer.Flag(StunAttribute.UseCandidate);
        writer.UInt32(StunAttribute.Priority, IceCandidate.PriorityOf(110, ushort.MaxValue));
        outbox.Commit(server, writer.Finish(remote.Key));
    }

    public void Receive(ReadOnlySpan<byte> datagram, Outbox outbox)
    {
        if (!StunMessage.TryRead(datagram, out var message)) return;
        if (message.Class == StunClass.Request) Answer(message, outbox);
        else if (message.Class == StunClass.Success && message.TransactionId.StartsWith(transaction.AsSpan(0, 8)) && MessageIntegrity.Verify(message, remote.Key)) IsConnected = true;
    }

    void Answer(in StunMessage request, Outbox outbox)
    {
        if (!MessageIntegrity.Verify(request, local.Key) || !outbox.TryReserve(StunMessage.MaxSize, out var buffer)) return;
        var writer = new StunWriter(buffer, StunClass.Success, request.TransactionId);
        writer.XorMappedAddress(server);
        outbox.Commit(server, writer.Finish(local.Key));
    }

    static byte[] NewTransaction(Entropy entropy)
    {
        var id = new byte[StunMessage.TransactionIdSize];
        entropy.Fill(id);
        return id;
    }
}
