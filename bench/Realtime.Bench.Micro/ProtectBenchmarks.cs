using BenchmarkDotNet.Attributes;
using Realtime.Media.Core;
using Realtime.Media.Rtp;
using Realtime.Media.Srtp;

namespace Realtime.Bench.Micro;

/// <summary>One packet under SRTP, as for each subscriber, and out of it, as for each publisher.</summary>
public class ProtectBenchmarks
{
    readonly byte[] header = new byte[RtpHeader.MinLength];
    readonly byte[] buffer = new byte[1500];
    readonly byte[] received = new byte[1500];
    byte[] payload = [];
    SrtpSender? sender;
    SrtpReceiver? receiver;
    ushort sequence;

    [Params(160, 1200)]
    public int Size { get; set; }

    [Params("AeadAes128Gcm", "AesCm128HmacSha1_80")]
    public string Profile { get; set; } = "";

    [GlobalSetup]
    public void Open()
    {
        var profile = Enum.Parse<SrtpProfile>(Profile);
        var (key, salt) = (new byte[profile.KeyLength()], new byte[profile.SaltLength()]);
        sender = new SrtpSender(profile, key, salt);
        receiver = new SrtpReceiver(profile, key, salt);
        payload = new byte[Size];
    }

    [GlobalCleanup]
    public void Close()
    {
        sender!.Dispose();
        receiver!.Dispose();
    }

    [Benchmark]
    public int Protect()
    {
        var fields = new RtpHeaderFields(false, new PayloadType(96), new SequenceNumber(sequence++), new RtpTimestamp(1), new Ssrc(7));
        fields.TryWrite(header);
        sender!.Protect(header, payload, buffer, out var length);
        return length;
    }

    [Benchmark]
    public DropReason ProtectAndUnprotect()
    {
        var length = Protect();
        buffer.AsSpan(0, length).CopyTo(received);
        return receiver!.Unprotect(received.AsSpan(0, length), RtpHeader.MinLength, out _);
    }
}
