using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Realtime.Media.Dtls;

namespace Realtime.Media.Hosting;

/// <summary>A fresh self-signed certificate per process: its fingerprint goes into every answer, so nobody has to know it before.</summary>
static class NodeCertificate
{
    public static DtlsCertificate Create(TimeProvider time)
    {
        var now = time.GetUtcNow();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        // A day back, for clients whose clock is behind.
        using var x509 = new CertificateRequest("CN=realtime", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddYears(1));
        return new DtlsCertificate(x509.RawData, key.ExportPkcs8PrivateKey());
    }
}
