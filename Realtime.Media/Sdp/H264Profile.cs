using System.Globalization;

namespace Realtime.Media.Sdp;

/// <summary>The subset of H.264 that a stream keeps to or a decoder takes.</summary>
public enum H264ProfileKind
{
    ConstrainedBaseline,
    Baseline,
    Main,
    ConstrainedHigh,
    High,
}

/// <summary>
/// A profile-level-id: profile_idc, profile-iop and level_idc as six hex digits (RFC 6184 §8.1). Several pairs of profile_idc and profile-iop name
/// one profile (table 5).
/// </summary>
/// <param name="Level">level_idc, ten times the level: 31 is 3.1.</param>
public readonly record struct H264Profile(H264ProfileKind Kind, byte Level)
{
    /// <summary>What the absence of the parameter means: Baseline at level 1 (RFC 6184 §8.1).</summary>
    public static readonly H264Profile Default = new(H264ProfileKind.Baseline, 10);

    /// <summary>False for anything but six hex digits of a profile in table 5 that is known here.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out H264Profile profile)
    {
        profile = default;
        if (text.Length != 6 || !uint.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)) return false;
        var iop = (byte)(value >> 8);
        H264ProfileKind? kind = (byte)(value >> 16) switch
        {
            // constraint_set0, 1 and 2 are the top three bits; the last four are reserved, zero (x in table 5 is "any").
            0x42 => (iop & 0x4F) == 0x40 ? H264ProfileKind.ConstrainedBaseline : (iop & 0x4F) == 0 ? H264ProfileKind.Baseline : null,
            0x4D => (iop & 0x8F) == 0x80 ? H264ProfileKind.ConstrainedBaseline : (iop & 0xAF) == 0 ? H264ProfileKind.Main : null,
            0x58 => (iop & 0xCF) == 0xC0 ? H264ProfileKind.ConstrainedBaseline : (iop & 0xCF) == 0x80 ? H264ProfileKind.Baseline : null,
            0x64 => iop == 0x0C ? H264ProfileKind.ConstrainedHigh : iop == 0 ? H264ProfileKind.High : null,
            _ => null,
        };
        if (kind is not { } known) return false;
        profile = new H264Profile(known, (byte)value);
        return true;
    }

    /// <summary>Whether a decoder of this profile takes every stream of the other: the constrained ones are subsets of those above them (H.264 annex A).</summary>
    public bool Decodes(H264Profile stream) => Kind == stream.Kind || stream.Kind switch
    {
        H264ProfileKind.ConstrainedBaseline => true,
        H264ProfileKind.Main or H264ProfileKind.ConstrainedHigh => Kind == H264ProfileKind.High,
        _ => false,
    };
}
