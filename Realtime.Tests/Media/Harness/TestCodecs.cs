using Realtime.Media.Core;
using Realtime.Media.Sdp;

namespace Realtime.Tests.Media.Harness;

/// <summary>Video codecs as browsers offer them, each followed by its RTX under the next number.</summary>
static class TestCodecs
{
    static readonly string[] Feedback = ["goog-remb", "transport-cc", "ccm fir", "nack", "nack pli"];

    public static Codec Opus(byte type = 111) =>
        new(new PayloadType(type), "opus", 48_000, 2) { FormatParameters = "minptime=10;useinbandfec=1", Feedback = ["transport-cc"] };

    public static Codec Red(byte type = 63, byte opus = 111) => new(new PayloadType(type), Codec.Red, 48_000, 2) { FormatParameters = $"{opus}/{opus}" };

    public static Codec[] Vp8(byte type = 96) => Pair(type, "VP8", "");

    public static Codec[] H264(byte type = 102, string profile = "42e01f", int mode = 1) =>
        Pair(type, "H264", $"level-asymmetry-allowed=1;packetization-mode={mode};profile-level-id={profile}");

    public static Codec[] Vp9(byte type = 98) => Pair(type, "VP9", "profile-id=0");

    public static Codec[] Av1(byte type = 45) => Pair(type, "AV1", "level-idx=5;profile=0;tier=0");

    static Codec[] Pair(byte type, string name, string parameters)
    {
        var codec = new Codec(new PayloadType(type), name, 90_000) { FormatParameters = parameters, Feedback = Feedback };
        return [codec, new(new PayloadType((byte)(type + 1)), Codec.Rtx, 90_000) { AssociatedPayloadType = codec.PayloadType }];
    }
}
