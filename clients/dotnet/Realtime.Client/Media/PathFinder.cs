using System.Buffers.Binary;
using Realtime.Media.Core;
using Realtime.Media.Ice;

namespace Realtime.Client.Media;

/// <summary>
/// The checking side of ICE towards a lite agent (RFC 8445, controlling): all its candidates are checked at once, the first that answers is nominated and kept alive (RFC 7675). TCP candidates
/// only get their turn when UDP has not answered for a while.
/// </summary>
sealed class PathFinder
{
    static readonly TimeSpan s_searching = TimeSpan.FromMilliseconds(50);
    static readonly TimeSpan s_stable = TimeSpan.FromMilliseconds(500);

    /// <summary>Before this UDP alone is tried.</summary>
    static readonly TimeSpan s_udpFirst = TimeSpan.FromSeconds(1);

    /// <summary>More than any node announces.</summary>
    const int MaxCandidates = 16;

    const int RandomPrefix = 8;

    readonly IceCredentials _local;
    readonly IceCredentials _remote;
    readonly NetAddress[] _candidates;
    // Random, then the candidate and the number of the check: an answer may come when further checks have gone out.
    readonly byte[] _transaction = new byte[StunMessage.TransactionIdSize];
    readonly ulong _tieBreaker;
    readonly Instant _tcpFrom;
    int _checks;

    /// <param name="candidates">Preferred ones first; those over TCP by the number of a connection that is opened when something is sent there.</param>
    public PathFinder(Instant now, IceCredentials local, IceCredentials remote, IReadOnlyList<NetAddress> candidates, Entropy entropy)
    {
        (_local, _remote, HeardAt) = (local, remote, now);
        _candidates = [.. candidates.Take(MaxCandidates)];
        _tcpFrom = _candidates.All(static one => one.IsTcp) ? now : now + s_udpFirst;
        entropy.Fill(_transaction);
        _tieBreaker = entropy.NextUInt64();
    }

    /// <summary>Where everything goes; null while nothing has answered.</summary>
    public NetAddress? Path { get; private set; }

    /// <summary>The last authentic answer; media counts as well (<see cref="Heard"/>).</summary>
    public Instant HeardAt { get; private set; }

    public Instant NextDeadline { get; private set; } = Instant.Zero;

    public void Tick(Instant now, Outbox outbox)
    {
        if (now < NextDeadline)
            return;
        NextDeadline = now + (Path is null ? s_searching : s_stable);
        _checks++;
        for (var i = 0; i < _candidates.Length; i++)
        {
            if (Path is null ? !_candidates[i].IsTcp || now >= _tcpFrom : Path == _candidates[i])
                Check(i, outbox);
        }
    }

    public void Receive(Instant now, ReadOnlySpan<byte> datagram)
    {
        if (!StunMessage.TryRead(datagram, out var message) || message.Class != StunClass.Success || !message.TransactionId.StartsWith(_transaction.AsSpan(0, RandomPrefix)))
            return;
        var index = message.TransactionId[RandomPrefix];
        if (index >= _candidates.Length || !StunFingerprint.Verify(message) || !MessageIntegrity.Verify(message, _remote.Key))
            return;
        HeardAt = now;
        if (Path is not null)
            return;
        Path = _candidates[index];
        // Nominated at once.
        NextDeadline = now;
    }

    /// <summary>Authentic media from the other side.</summary>
    public void Heard(Instant now) => HeardAt = now;

    void Check(int index, Outbox outbox)
    {
        if (!outbox.TryReserve(StunMessage.MaxSize, out var buffer))
            return;
        BinaryPrimitives.WriteInt32BigEndian(_transaction.AsSpan(RandomPrefix), (index << 24) | (_checks & 0xFF_FFFF));
        var writer = new StunWriter(buffer, StunClass.Request, _transaction);
        writer.Bytes(StunAttribute.Username, [.. _remote.UfragBytes, (byte)':', .. _local.UfragBytes]);
        writer.UInt64(StunAttribute.IceControlling, _tieBreaker);
        if (Path == _candidates[index])
            writer.Flag(StunAttribute.UseCandidate);
        writer.UInt32(StunAttribute.Priority, IceCandidate.PriorityOf(typePreference: 110, localPreference: ushort.MaxValue - index));
        outbox.Commit(_candidates[index], writer.Finish(_remote.Key));
    }
}
