using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Realtime.Media.Dtls;

namespace Realtime.Tests.Media.Harness;

/// <summary>The client role (<c>a=setup:active</c>), for our own test peer.</summary>
sealed class DtlsClient(DtlsContext context, DtlsFingerprint expectedRemote) : DtlsEndpoint(context, expectedRemote, isServer: false)
{
    /// <summary>A certificate such as a browser makes for a connection.</summary>
    public static DtlsCertificate CreateCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var x509 = new CertificateRequest("CN=test", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        return new DtlsCertificate(x509.RawData, key.ExportPkcs8PrivateKey());
    }
}
