using Realtime.Media.Rtp;

namespace Realtime.Client.Media;

/// <summary>
/// Makes frames again of packets that come in order. After a loss pictures are left out until the next key frame, which has to be asked for: what lies between cannot be decoded.
/// </summary>
sealed class FrameAssembler
{
    /// <summary>More than any picture of a call has; a frame that grows beyond it is given up.</summary>
    public const int MaxFrameBytes = 4 << 20;

    readonly bool _isVp8;
    readonly MemoryStream _frame = new();
    RtpTimestamp _timestamp;
    bool _isOpen;
    bool _isKeyFrame;

    public FrameAssembler(bool isVp8) => NeedsKeyFrame = _isVp8 = isVp8;

    /// <summary>Nothing is handed out before a key frame.</summary>
    public bool NeedsKeyFrame { get; private set; }

    /// <summary>Pictures that were left out.</summary>
    public long Dropped { get; private set; }

    /// <summary>Something is missing here.</summary>
    public void Lose()
    {
        if (_isOpen)
            Dropped++;
        Close();
        NeedsKeyFrame = _isVp8;
    }

    /// <summary>Takes the next packet; true when that completes a frame.</summary>
    public bool Take(in RtpHeader header, ReadOnlySpan<byte> payload, out byte[] frame, out bool isKeyFrame)
    {
        (frame, isKeyFrame) = ([], true);
        if (payload.IsEmpty)
            return false;
        if (!_isVp8)
        {
            frame = payload.ToArray();
            return true;
        }
        if (!Vp8Descriptor.TryRead(payload, out var descriptor))
        {
            Lose();
            return false;
        }
        if (descriptor.IsFrameStart)
            Open(header.Timestamp, descriptor.IsKeyFrame);
        if (!_isOpen || header.Timestamp != _timestamp || _frame.Length + payload.Length > MaxFrameBytes)
        {
            Lose();
            return false;
        }
        _frame.Write(payload[descriptor.Length..]);
        if (!header.Marker)
            return false;
        isKeyFrame = _isKeyFrame;
        NeedsKeyFrame &= !isKeyFrame;
        frame = NeedsKeyFrame ? [] : _frame.ToArray();
        if (NeedsKeyFrame)
            Dropped++;
        Close();
        return !NeedsKeyFrame;
    }

    void Open(RtpTimestamp timestamp, bool isKeyFrame)
    {
        // The one before has no end: its last packet carried no marker, or is lost.
        if (_isOpen)
            Lose();
        (_isOpen, _timestamp, _isKeyFrame) = (true, timestamp, isKeyFrame);
    }

    void Close()
    {
        _isOpen = false;
        _frame.SetLength(0);
        if (_frame.Capacity > MaxFrameBytes / 16)
            _frame.Capacity = 0;
    }
}
