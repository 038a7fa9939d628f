namespace Realtime.Media.Core;

/// <summary>Synchronization source: which stream an RTP packet belongs to (RFC 3550 §3).</summary>
public readonly record struct Ssrc(uint Value)
{
    public override string ToString() => Value.ToString();
}
