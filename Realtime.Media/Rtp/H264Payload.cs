using System.Buffers.Binary;

namespace Realtime.Media.Rtp;

/// <summary>
/// What an H264 payload begins (RFC 6184 §5.4–5.8): its NAL unit type is that of one NAL unit, of an aggregation (STAP-A, each with a 16-bit
/// length) or of a fragment (FU-A, whose second byte says which type and whether it is the first).
/// </summary>
public readonly record struct H264Payload(bool HasParameterSets, bool StartsIdr)
{
    const int Idr = 5;
    const int SequenceParameterSet = 7;
    const int AggregationA = 24;
    const int FragmentA = 28;
    const int FragmentB = 29;

    public static H264Payload Read(ReadOnlySpan<byte> payload)
    {
        if (payload.IsEmpty) return default;
        return (payload[0] & 0x1F) switch
        {
            AggregationA => ReadAggregation(payload[1..]),
            FragmentA or FragmentB when payload.Length > 1 && (payload[1] & 0x80) != 0 => OfType(payload[1] & 0x1F),
            var type => OfType(type),
        };
    }

    static H264Payload ReadAggregation(ReadOnlySpan<byte> units)
    {
        var found = default(H264Payload);
        while (units.Length > 2)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(units);
            units = units[2..];
            if (length == 0 || length > units.Length) break;
            var unit = OfType(units[0] & 0x1F);
            found = new H264Payload(found.HasParameterSets || unit.HasParameterSets, found.StartsIdr || unit.StartsIdr);
            units = units[length..];
        }

        return found;
    }

    static H264Payload OfType(int type) => new(type == SequenceParameterSet, type == Idr);
}
