using System.Buffers.Binary;
using Realtime.Media.Sdp;

namespace Realtime.Tests.Media.Harness;

/// <summary>The first bytes of a packet as each codec's payload format has them; the picture behind is nothing that decodes.</summary>
static class TestPayloads
{
    /// <param name="body">Zeroed, at least 20 bytes.</param>
    public static void Write(Codec codec, Span<byte> body, bool isKey, bool isFirst, ushort pictureId, byte tl0PicIdx)
    {
        switch (codec.Name)
        {
            case "VP8":
                body[0] = (byte)(0x80 | (isFirst ? 0x10 : 0));
                body[1] = 0xC0;
                BinaryPrimitives.WriteUInt16BigEndian(body[2..], (ushort)(pictureId | 0x8000));
                body[4] = tl0PicIdx;
                body[5] = (byte)(isKey ? 0x10 : 0x11);
                if (isKey && isFirst) ((ReadOnlySpan<byte>)[0x9D, 0x01, 0x2A, 0x80, 0x02, 0xE0, 0x01]).CopyTo(body[8..]);
                break;
            case "VP9":
                // I, L and, in frames that depend on others, P; B on the first packet.
                body[0] = (byte)(0xA0 | (isKey ? 0 : 0x40) | (isFirst ? 0x08 : 0));
                BinaryPrimitives.WriteUInt16BigEndian(body[1..], (ushort)(pictureId | 0x8000));
                body[4] = tl0PicIdx;
                break;
            case "H264":
                // Parameter sets and the picture's first fragment in one aggregation would be as good; browsers send them apart.
                if (isKey && isFirst) ((ReadOnlySpan<byte>)[0x78, 0x00, 0x04, 0x67, 0x42, 0xE0, 0x1F, 0x00, 0x02, 0x68, 0xCE]).CopyTo(body);
                else ((ReadOnlySpan<byte>)[0x7C, (byte)((isFirst ? 0x80 : 0) | (isKey ? 5 : 1))]).CopyTo(body);
                break;
            case "AV1":
                body[0] = (byte)(isFirst ? (isKey ? 0x18 : 0x10) : 0x90);
                body[1] = 0x32;
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(codec), codec.Name, null);
        }
    }
}
