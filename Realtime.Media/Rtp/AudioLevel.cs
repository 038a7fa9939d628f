namespace Realtime.Media.Rtp;

/// <summary>How loud a packet's audio is (RFC 6464): 0 is the loudest, 127 silence, in −dBov; <paramref name="IsVoice"/> is the sender's guess.</summary>
public readonly record struct AudioLevel(byte MinusDbov, bool IsVoice)
{
    public const byte Silence = 127;

    /// <summary>
    /// <code>|V| level (7) |</code> The two-byte form may carry one more byte (RFC 6464 §3), which is ignored.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> value, out AudioLevel level)
    {
        level = new AudioLevel(Silence, false);
        if (value.IsEmpty) return false;
        level = new AudioLevel((byte)(value[0] & 0x7F), (value[0] & 0x80) != 0);
        return true;
    }
}
