using Realtime.Media.Core;
using Realtime.Media.Sdp;

namespace Realtime.Client.Media;

/// <summary>One m= section of our offers. It never goes away; what ended in it leaves it to the next of its kind.</summary>
sealed class MediaSection(string mid, SectionKind kind, MediaDirection direction)
{
    public string Mid => mid;

    public SectionKind Kind => kind;

    public bool IsVideo => kind == SectionKind.Video;

    public MediaDirection Direction { get; set; } = direction;

    /// <summary>In sections that send, or did.</summary>
    public SendingStream? Sending { get; init; }

    /// <summary>In sections that receive, once the server has said what comes there.</summary>
    public ReceivingStream? Receiving { get; set; }
}

/// <summary>Codecs and header extensions of our offers, by the numbers that Chromium gives them as well.</summary>
static class MediaFormats
{
    public const int AudioClock = 48_000;
    public const int VideoClock = 90_000;

    public const byte MidId = 4;
    public const byte TransportId = 3;
    public const byte LevelId = 1;

    public static readonly PayloadType OpusType = new(111);
    public static readonly PayloadType Vp8Type = new(96);
    public static readonly PayloadType Vp8RepairType = new(97);

    public static readonly Codec[] Audio = [new(OpusType, "opus", AudioClock, 2) { FormatParameters = "minptime=10;useinbandfec=1", Feedback = ["transport-cc"] }];

    public static readonly Codec[] Video =
    [
        new(Vp8Type, "VP8", VideoClock) { Feedback = ["transport-cc", "ccm fir", "nack", "nack pli"] },
        new(Vp8RepairType, Codec.Rtx, VideoClock) { AssociatedPayloadType = Vp8Type },
    ];
}
