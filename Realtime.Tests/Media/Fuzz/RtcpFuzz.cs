using Realtime.Media.Core;
using Realtime.Media.Rtcp;
using Realtime.Media.Rtp;
using Xunit;

namespace Realtime.Tests.Media.Fuzz;

public sealed class RtcpFuzz
{
    static readonly Ssrc Us = new(0x01020304);
    static readonly Ssrc Them = new(0x0A0B0C0D);

    [Fact]
    public void Every_compound_is_refused_or_read_in_as_many_steps_as_it_has_words() =>
        new Fuzzer("rtcp", 60_000, Corpus()) { AllowedBytes = 0 }.Run(static datagram =>
        {
            if (!RtcpCompound.TryRead(datagram, out var compound)) return;
            var steps = 0;
            foreach (var packet in compound)
            {
                Promise.Holds(++steps <= datagram.Length / 4, "a compound ends");
                Read(packet, datagram.Length);
            }
        });

    static void Read(in RtcpPacket packet, int length)
    {
        var words = length / 4;
        if (SenderReport.TryRead(packet, out var sender)) Walk(sender.Blocks, words);
        if (ReceiverReport.TryRead(packet, out var receiver)) Walk(receiver.Blocks, words);
        PictureLossIndication.TryRead(packet, out _);
        TransportFeedback.TryRead(packet, out _);
        SourceDescription.TryFindCname(packet, Us, out _);
        if (Goodbye.TryRead(packet, out var goodbye))
        {
            Promise.Holds(goodbye.Count <= words, "a goodbye ends");
            for (var i = 0; i < goodbye.Count; i++) _ = goodbye[i];
        }

        if (Remb.TryRead(packet, out var remb))
        {
            Promise.Holds(remb.Count <= words, "an estimate ends");
            for (var i = 0; i < remb.Count; i++) _ = remb[i];
        }

        if (FullIntraRequest.TryRead(packet, out var fir))
        {
            Promise.Holds(fir.Count <= words, "requests end");
            for (var i = 0; i < fir.Count; i++) _ = fir[i];
        }

        if (!GenericNack.TryRead(packet, out var nack)) return;
        var numbers = 0;
        foreach (var _ in nack) Promise.Holds(++numbers <= words * 17, "a NACK ends");
    }

    static void Walk(ReportBlocks blocks, int words)
    {
        Promise.Holds(blocks.Count <= words, "blocks end");
        for (var i = 0; i < blocks.Count; i++) _ = blocks[i].RoundTrip(new NtpTime(ulong.MaxValue));
    }

    public static List<byte[]> Corpus()
    {
        var buffer = new byte[1400];
        var all = new RtcpWriter(buffer);
        SenderReport.Write(ref all, Us, new SenderInfo(new NtpTime(1UL << 40), new RtpTimestamp(90_000), 7, 7000), [new ReportBlock(Them, 1, 2, 3, 4, 5, 6)]);
        SourceDescription.Write(ref all, Us, "cname"u8);
        Goodbye.Write(ref all, Us);
        var compound = all.Written.ToArray();
        var feedback = new RtcpWriter(buffer);
        ReceiverReport.Write(ref feedback, Us, [new ReportBlock(Them, 1, 2, 3, 4, 5, 6), new ReportBlock(Us, 1, 2, 3, 4, 5, 6)]);
        new PictureLossIndication(Us, Them).Write(ref feedback);
        FullIntraRequest.Write(ref feedback, Us, new FullIntraRequest.Entry(Them, 7));
        GenericNack.Write(ref feedback, Us, Them, [new(65534), new(65535), new(0), new(100)]);
        return
        [
            compound, feedback.Written.ToArray(),
            // REMB and transport-wide feedback, which are read but not written here.
            Convert.FromHexString("8FCE0005" + "01020304" + "00000000" + "52454D42" + "0103FFFF" + "0A0B0C0D"),
            Convert.FromHexString("8FCD0005" + "01020304" + "0A0B0C0D" + "00010004" + "00000A01" + "20040102" + "03040000"),
        ];
    }
}
