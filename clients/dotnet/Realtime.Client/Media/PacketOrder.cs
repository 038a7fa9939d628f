using Realtime.Media.Core;
using Realtime.Media.Rtp;

namespace Realtime.Client.Media;

/// <summary>Puts the packets of one stream back in order. Those behind a hole wait for what is missing, for a time, and at most <see cref="MaxWaiting"/> of them; then the hole is skipped.</summary>
/// <param name="patience">How long a hole is waited for: as long as what is missing may still be sent again.</param>
sealed class PacketOrder(TimeSpan patience)
{
    public const int MaxWaiting = 1024;

    readonly SortedDictionary<long, byte[]> _waiting = [];
    SequenceUnwrapper _numbers;
    long _next;
    Instant _holeSince = Instant.Never;

    /// <summary>When the hole is given up; <see cref="Instant.Never"/> without one.</summary>
    public Instant NextDeadline => _holeSince.IsNever ? Instant.Never : _holeSince + patience;

    /// <summary>A packet in the clear.</summary>
    public void Add(Instant now, SequenceNumber sequence, ReadOnlySpan<byte> packet)
    {
        var number = _numbers.Unwrap(sequence);
        if (_next == 0)
            _next = number;
        if (number < _next)
            return;
        _waiting[number] = packet.ToArray();
        if (number != _next && _holeSince.IsNever)
            _holeSince = now;
    }

    /// <summary>The next one in order.</summary>
    /// <param name="isAfterLoss">What lay before it is given up.</param>
    public bool TryTake(Instant now, out byte[] packet, out bool isAfterLoss)
    {
        (packet, isAfterLoss) = ([], false);
        if (_waiting.Count == 0)
            return false;
        var (number, first) = _waiting.First();
        if (number != _next)
        {
            if (now < NextDeadline && _waiting.Count <= MaxWaiting)
                return false;
            isAfterLoss = true;
        }
        _waiting.Remove(number);
        (packet, _next) = (first, number + 1);
        _holeSince = _waiting.Count > 0 && !_waiting.ContainsKey(_next) ? now : Instant.Never;
        return true;
    }

    /// <summary>Nothing that is missing will come any more.</summary>
    public void GiveUp() => _holeSince = _holeSince.IsNever ? _holeSince : Instant.Zero - patience;
}
