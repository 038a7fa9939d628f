namespace Realtime.Media.Dtls;

/// <summary>
/// The node's self-signed ECDSA P-256 certificate. Made at the edge, where the clock is:
/// <code>
/// using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
/// using var x509 = new CertificateRequest("CN=realtime", key, HashAlgorithmName.SHA256).CreateSelfSigned(from, to);
/// new DtlsCertificate(x509.RawData, key.ExportPkcs8PrivateKey());
/// </code>
/// </summary>
/// <param name="der">X.509 in DER.</param>
/// <param name="pkcs8">The private key as PKCS#8 in DER.</param>
public sealed class DtlsCertificate(byte[] der, byte[] pkcs8)
{
    public DtlsFingerprint Fingerprint { get; } = DtlsFingerprint.Of(der);

    internal ReadOnlySpan<byte> Der => der;

    internal ReadOnlySpan<byte> Pkcs8 => pkcs8;
}
