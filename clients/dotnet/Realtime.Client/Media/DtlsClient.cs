using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Realtime.Media.Dtls;
using Realtime.Media.Sdp;

namespace Realtime.Client.Media;

/// <summary>The client role (<c>a=setup:active</c>), with a certificate that lives as long as the process, as a browser's does.</summary>
sealed class DtlsClient(DtlsFingerprint expectedRemote) : DtlsEndpoint(s_identity.Value.Context, expectedRemote, isServer: false)
{
    // Lazy: who only chats needs no OpenSSL.
    static readonly Lazy<(DtlsContext Context, Fingerprint Fingerprint)> s_identity = new(Create);

    /// <summary>What the offer says of our certificate.</summary>
    public static Fingerprint OwnFingerprint => s_identity.Value.Fingerprint;

    static (DtlsContext, Fingerprint) Create()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = DateTimeOffset.UtcNow;
        using var x509 = new CertificateRequest("CN=realtime-client", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddYears(1));
        var certificate = new DtlsCertificate(x509.RawData, key.ExportPkcs8PrivateKey());
        return Fingerprint.TryParse($"{DtlsFingerprint.Algorithm} {certificate.Fingerprint}", out var fingerprint)
            ? (new DtlsContext(certificate), fingerprint)
            : throw new InvalidOperationException("Our own fingerprint cannot be read.");
    }
}
