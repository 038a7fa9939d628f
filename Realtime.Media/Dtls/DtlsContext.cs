using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Realtime.Media.Dtls;

/// <summary>
/// What all connections of a node share (SSL_CTX): certificate, DTLS 1.2, the one cipher suite every WebRTC endpoint must have
/// (RFC 8827 §6.5), SRTP profiles with GCM preferred. Safe to share between threads; a connection is not.
/// </summary>
public sealed unsafe class DtlsContext : SafeHandle
{
    // One suite keeps what follows the handshake simple: AlertCipher knows its record format.
    const string CipherSuite = "ECDHE-ECDSA-AES128-GCM-SHA256";
    const string Groups = "X25519:P-256";
    const string SrtpProfiles = "SRTP_AEAD_AES_128_GCM:SRTP_AES128_CM_SHA1_80";

    /// <summary>A browser's certificate is 300–1200 bytes. Also bounds what OpenSSL buffers of a handshake message.</summary>
    const int MaxCertificateList = 16 << 10;

    public DtlsContext(DtlsCertificate certificate)
        : base(0, ownsHandle: true)
    {
        Certificate = certificate;
        OpenSsl.ERR_clear_error();
        SetHandle(OpenSsl.SSL_CTX_new(OpenSsl.DTLS_method()));
        if (IsInvalid) throw new CryptographicException("SSL_CTX_new failed.");
        Control(OpenSsl.SSL_CTRL_SET_MIN_PROTO_VERSION, OpenSsl.DTLS1_2_VERSION);
        Control(OpenSsl.SSL_CTRL_SET_MAX_PROTO_VERSION, OpenSsl.DTLS1_2_VERSION);
        Control(OpenSsl.SSL_CTRL_SET_SESS_CACHE_MODE, OpenSsl.SSL_SESS_CACHE_OFF);
        Control(OpenSsl.SSL_CTRL_SET_MAX_CERT_LIST, MaxCertificateList);
        fixed (byte* groups = System.Text.Encoding.ASCII.GetBytes(Groups + '\0'))
            Check(OpenSsl.SSL_CTX_ctrl(handle, OpenSsl.SSL_CTRL_SET_GROUPS_LIST, new CLong(0), groups).Value == 1, "groups");
        OpenSsl.SSL_CTX_set_options(handle, OpenSsl.SSL_OP_NO_QUERY_MTU | OpenSsl.SSL_OP_NO_TICKET | OpenSsl.SSL_OP_NO_COMPRESSION
            | OpenSsl.SSL_OP_CIPHER_SERVER_PREFERENCE | OpenSsl.SSL_OP_NO_RENEGOTIATION);
        Check(OpenSsl.SSL_CTX_set_cipher_list(handle, CipherSuite) == 1, "cipher suite");
        Check(OpenSsl.SSL_CTX_set_tlsext_use_srtp(handle, SrtpProfiles) == 0, "SRTP profiles");

        // The certificate is self-signed by design (RFC 8827 §6.5): whose it is, the fingerprint says after the handshake.
        OpenSsl.SSL_CTX_set_verify(handle, OpenSsl.SSL_VERIFY_PEER | OpenSsl.SSL_VERIFY_FAIL_IF_NO_PEER_CERT, 0);
        OpenSsl.SSL_CTX_set_cert_verify_callback(handle, &AcceptAnyCertificate, 0);
        UseCertificate(certificate);
    }

    public DtlsCertificate Certificate { get; }

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        OpenSsl.SSL_CTX_free(handle);
        return true;
    }

    void UseCertificate(DtlsCertificate certificate)
    {
        fixed (byte* der = certificate.Der) Check(OpenSsl.SSL_CTX_use_certificate_ASN1(handle, certificate.Der.Length, der) == 1, "certificate");
        nint key;
        fixed (byte* pkcs8 = certificate.Pkcs8)
        {
            var at = pkcs8;
            key = OpenSsl.d2i_AutoPrivateKey(null, &at, new CLong(certificate.Pkcs8.Length));
        }

        Check(key != 0, "private key");
        var used = OpenSsl.SSL_CTX_use_PrivateKey(handle, key);
        OpenSsl.EVP_PKEY_free(key);
        Check(used == 1 && OpenSsl.SSL_CTX_check_private_key(handle) == 1, "private key of the certificate");
    }

    void Control(int command, int argument) => OpenSsl.SSL_CTX_ctrl(handle, command, new CLong(argument), null);

    static void Check(bool succeeded, string what)
    {
        if (!succeeded) throw new CryptographicException($"OpenSSL refused the {what}: {DtlsHandshake.TakeError()}");
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static int AcceptAnyCertificate(nint store, nint argument) => 1;
}
