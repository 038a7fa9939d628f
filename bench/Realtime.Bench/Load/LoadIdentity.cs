using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Realtime.Media.Core;
using Realtime.Media.Dtls;
using Realtime.Media.Sdp;

namespace Realtime.Bench.Load;

/// <summary>What all clients of a run share: one certificate, and what they exchange.</summary>
sealed class LoadIdentity : IDisposable
{
    /// <summary>Retransmissions of VP8, by the numbers servers use (ours and Pion take the offer's 97).</summary>
    static readonly PayloadType Repair = new(97);

    public LoadIdentity(SourceKind kind)
    {
        Kind = kind;
        Context = new DtlsContext(CreateCertificate());
        if (!Fingerprint.TryParse($"{DtlsFingerprint.Algorithm} {Context.Certificate.Fingerprint}", out var fingerprint))
            throw new InvalidOperationException("Our own fingerprint cannot be read.");
        Fingerprint = fingerprint;
    }

    public SourceKind Kind { get; }

    public DtlsContext Context { get; }

    public Fingerprint Fingerprint { get; }

    public bool IsRepair(PayloadType type) => type == Repair;

    public void Dispose() => Context.Dispose();

    static DtlsCertificate CreateCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var x509 = new CertificateRequest("CN=load", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        return new DtlsCertificate(x509.RawData, key.ExportPkcs8PrivateKey());
    }
}

/// <summary>The client role (<c>a=setup:active</c>).</summary>
sealed class DtlsClient(DtlsContext context, DtlsFingerprint expectedRemote) : DtlsEndpoint(context, expectedRemote, isServer: false);

/// <summary>What the samples of all clients say. Written by the load thread alone.</summary>
sealed class LoadTotals
{
    public LatencyHistogram Latency { get; } = new();

    public long Sampled { get; set; }

    public long Corrupt { get; set; }

    public void Clear()
    {
        Latency.Clear();
        Sampled = Corrupt = 0;
    }
}
