using System.Buffers.Binary;
using Realtime.Media.Core;

namespace Realtime.Media.Ice;

/// <summary>
/// The checking side towards a lite agent whose address and credentials are known beforehand: another worker of ours (RFC 8445 §6.1.1, controlling, one pair, nominated with each
/// check). Every answer renews consent; none for <see cref="ConsentLasts"/> and the other side is gone.
/// </summary>
public sealed class IceDialer
{
    static readonly TimeSpan Connecting = TimeSpan.FromMilliseconds(50);
    static readonly TimeSpan Stable = TimeSpan.FromMilliseconds(500);

    /// <summary>Shorter than a browser's 30 s: workers do not walk out of the range of a network.</summary>
    static readonly TimeSpan ConsentLasts = TimeSpan.FromSeconds(5);

    /// <summary>RFC 8489 §5: behind type, length and cookie.</summary>
    const int TransactionOffset = 8;

    const int TransactionPrefix = 8;

    readonly IceCredentials local;
    readonly IceCredentials remote;
    // Random, then the number of the check: an answer may come when further checks have gone out.
    readonly byte[] transaction = new byte[StunMessage.TransactionIdSize];
    readonly ulong tieBreaker;
    Instant nextCheck = Instant.Zero;
    Instant heardAt;
    int checks;

    public IceDialer(Instant now, IceCredentials local, IceCredentials remote, in NetAddress address, Entropy entropy)
    {
        (this.local, this.remote, Address, heardAt) = (local, remote, address, now);
        entropy.Fill(transaction);
        tieBreaker = entropy.NextUInt64();
    }

    public NetAddress Address { get; }

    public bool IsConnected { get; private set; }

    public bool HasExpired { get; private set; }

    public Instant NextDeadline => HasExpired ? Instant.Never : nextCheck;

    public void Tick(Instant now, Outbox outbox)
    {
        if (HasExpired || now < nextCheck) return;
        HasExpired = now - heardAt > ConsentLasts;
        if (HasExpired) return;
        nextCheck = now + (IsConnected ? Stable : Connecting);
        if (!outbox.TryReserve(StunMessage.MaxSize, out var buffer)) return;
        BinaryPrimitives.WriteInt32BigEndian(transaction.AsSpan(TransactionPrefix), checks++);
        var writer = new StunWriter(buffer, StunClass.Request, transaction);
        writer.Bytes(StunAttribute.Username, [.. remote.UfragBytes, (byte)':', .. local.UfragBytes]);
        writer.UInt64(StunAttribute.IceControlling, tieBreaker);
        writer.Flag(StunAttribute.UseCandidate);
        writer.UInt32(StunAttribute.Priority, IceCandidate.PriorityOf(126, 65535));
        outbox.Commit(Address, writer.Finish(remote.Key));
    }

    /// <summary>Whether it could be the answer to one of our checks, by its transaction.</summary>
    public bool HasAsked(ReadOnlySpan<byte> datagram) => datagram.Length >= TransactionOffset + TransactionPrefix && datagram.Slice(TransactionOffset, TransactionPrefix).SequenceEqual(transaction.AsSpan(0, TransactionPrefix));

    public DropReason Receive(Instant now, in NetAddress from, ReadOnlySpan<byte> datagram)
    {
        if (from != Address) return DropReason.UnknownAddress;
        if (!StunMessage.TryRead(datagram, out var message) || !HasAsked(datagram)) return DropReason.Malformed;
        if (!StunFingerprint.Verify(message) || message.Class != StunClass.Success || !MessageIntegrity.Verify(message, remote.Key)) return DropReason.BadIntegrity;
        heardAt = now;
        IsConnected = true;
        return DropReason.None;
    }

    /// <summary>Authentic media from there.</summary>
    public void ConfirmTraffic(Instant now) => heardAt = now;
}
