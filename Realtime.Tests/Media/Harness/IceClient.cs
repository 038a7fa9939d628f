using System.Buffers.Binary;
using Realtime.Media.Core;
using Realtime.Media.Ice;

namespace Realtime.Tests.Media.Harness;

/// <summary>
/// The controlling side of ICE towards a lite agent, for our own test peer: one local address, one remote candidate, checked every 480 ms
/// as Chrome does (48 ms before the first answer), nominating with each check.
/// </summary>
sealed class IceClient(IceCredentials local, IceCredentials remote, NetAddress server, Entropy entropy)
{
    static readonly TimeSpan Weak = TimeSpan.FromMilliseconds(48);
    static readonly TimeSpan Stable = TimeSpan.FromMilliseconds(480);

    // Random, then the number of the check: an answer may come when further checks have gone out.
    readonly byte[] transaction = NewTransaction(entropy);
    readonly ulong tieBreaker = entropy.NextUInt64();

    public bool IsConnected { get; private set; }

    /// <summary>Our address as the server sees it.</summary>
    public NetAddress? Mapped { get; private set; }

    /// <summary>Of the last error response, or 0.</summary>
    public int LastError { get; private set; }

    public int ChecksSent { get; private set; }

    public uint Priority { get; init; } = IceCandidate.PriorityOf(126, 65535);

    public bool Nominate { get; set; } = true;

    public Instant NextDeadline { get; private set; } = Instant.Zero;

    public void Tick(Instant now, Outbox outbox)
    {
        if (now < NextDeadline) return;
        NextDeadline = now + (IsConnected ? Stable : Weak);
        Check(outbox);
    }

    /// <summary>One check, now.</summary>
    public void Check(Outbox outbox)
    {
        BinaryPrimitives.WriteInt32BigEndian(transaction.AsSpan(8), ChecksSent);
        if (!outbox.TryReserve(StunMessage.MaxSize, out var buffer)) return;
        var writer = new StunWriter(buffer, StunClass.Request, transaction);
        writer.Bytes(StunAttribute.Username, [.. remote.UfragBytes, (byte)':', .. local.UfragBytes]);
        writer.UInt64(StunAttribute.IceControlling, tieBreaker);
        if (Nominate) writer.Flag(StunAttribute.UseCandidate);
        writer.UInt32(StunAttribute.Priority, Priority);
        outbox.Commit(server, writer.Finish(remote.Key));
        ChecksSent++;
    }

    public DropReason Receive(ReadOnlySpan<byte> datagram)
    {
        if (!StunMessage.TryRead(datagram, out var message)) return DropReason.Malformed;
        if (!message.TransactionId.StartsWith(transaction.AsSpan(0, 8))) return DropReason.Malformed;
        if (!StunFingerprint.Verify(message)) return DropReason.BadIntegrity;
        if (message.Class == StunClass.Error) LastError = message.ErrorCode;
        if (message.Class != StunClass.Success) return DropReason.None;
        if (!MessageIntegrity.Verify(message, remote.Key)) return DropReason.BadIntegrity;
        Mapped = message.MappedAddress;
        IsConnected = true;
        return DropReason.None;
    }

    static byte[] NewTransaction(Entropy entropy)
    {
        var id = new byte[StunMessage.TransactionIdSize];
        entropy.Fill(id);
        return id;
    }
}
