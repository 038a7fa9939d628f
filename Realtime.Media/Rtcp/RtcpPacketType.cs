namespace Realtime.Media.Rtcp;

/// <summary>RTCP packet types (RFC 3550 §12.1, RFC 4585 §6.1, RFC 3611).</summary>
public enum RtcpPacketType : byte
{
    SenderReport = 200,
    ReceiverReport = 201,
    SourceDescription = 202,
    Goodbye = 203,
    ApplicationDefined = 204,
    /// <summary>RTPFB; the count field is the format (<see cref="FeedbackFormat"/>).</summary>
    TransportFeedback = 205,
    /// <summary>PSFB; the count field is the format.</summary>
    PayloadFeedback = 206,
    ExtendedReport = 207,
}

/// <summary>Feedback message formats.</summary>
public static class FeedbackFormat
{
    /// <summary>With <see cref="RtcpPacketType.TransportFeedback"/> (RFC 4585 §6.2.1).</summary>
    public const byte GenericNack = 1;
    /// <summary>With <see cref="RtcpPacketType.TransportFeedback"/> (draft-holmer-rmcat-transport-wide-cc-extensions-01).</summary>
    public const byte TransportWideCc = 15;
    /// <summary>With <see cref="RtcpPacketType.PayloadFeedback"/> (RFC 4585 §6.3.1).</summary>
    public const byte PictureLossIndication = 1;
    /// <summary>With <see cref="RtcpPacketType.PayloadFeedback"/> (RFC 5104 §4.3.1).</summary>
    public const byte FullIntraRequest = 4;
    /// <summary>With <see cref="RtcpPacketType.PayloadFeedback"/>: application layer feedback, REMB among it.</summary>
    public const byte ApplicationLayer = 15;
}
