using System.Runtime.InteropServices;
using Realtime.Media.Core;

namespace Realtime.Media.Dtls;

/// <summary>libssl and the parts of libcrypto around it (OpenSSL 3.0 and later); the interop, nothing else. Names and values are those of the C headers.</summary>
static unsafe partial class OpenSsl
{
    public const int DTLS1_2_VERSION = 0xFEFD;

    public const ulong SSL_OP_NO_QUERY_MTU = 1UL << 12;
    public const ulong SSL_OP_NO_TICKET = 1UL << 14;
    public const ulong SSL_OP_NO_COMPRESSION = 1UL << 17;
    public const ulong SSL_OP_CIPHER_SERVER_PREFERENCE = 1UL << 22;
    public const ulong SSL_OP_NO_RENEGOTIATION = 1UL << 30;

    public const int SSL_CTRL_SET_SESS_CACHE_MODE = 44;
    public const int SSL_CTRL_SET_MAX_CERT_LIST = 51;
    public const int SSL_CTRL_SET_GROUPS_LIST = 92;
    public const int DTLS_CTRL_SET_LINK_MTU = 120;
    public const int SSL_CTRL_SET_MIN_PROTO_VERSION = 123;
    public const int SSL_CTRL_SET_MAX_PROTO_VERSION = 124;
    public const int SSL_SESS_CACHE_OFF = 0;

    public const int SSL_VERIFY_PEER = 1;
    public const int SSL_VERIFY_FAIL_IF_NO_PEER_CERT = 2;

    public const int SSL_ERROR_WANT_READ = 2;

    public const int BIO_C_SET_BUF_MEM_EOF_RETURN = 130;

    /// <summary>SRTP_PROTECTION_PROFILE of srtp.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public readonly struct SrtpProtectionProfile
    {
        public readonly nint Name;
        public readonly CULong Id;
    }

    [LibraryImport(OpenSslLibraries.Ssl)]
    public static partial nint DTLS_method();

    [LibraryImport(OpenSslLibraries.Ssl)]
    public static partial nint SSL_CTX_new(nint method);

    [LibraryImport(OpenSslLibraries.Ssl)]
    public static partial void SSL_CTX_free(nint context);

    [LibraryImport(OpenSslLibraries.Ssl)]
    public static partial CLong SSL_CTX_ctrl(nint context, int command, CLong argument, byte* pointer);

    [LibraryImport(OpenSslLibraries.Ssl)]
    public static partial ulong SSL_CTX_set_options(nint context, ulong options);

    [LibraryImport(OpenSslLibraries.Ssl, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SSL_CTX_set_cipher_list(nint context, string ciphers);

    /// <summary>Unlike its neighbours, 0 is success.</summary>
    [LibraryImport(OpenSslLibraries.Ssl, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SSL_CTX_set_tlsext_use_srtp(nint context, string profiles);

    [LibraryImport(OpenSslLibraries.Ssl)]
    public static partial int SSL_CTX_use_certificate_ASN1(nint context, int length, byte* der);

    [LibraryImport(OpenSslLibraries.Ssl)]
    public static partial int SSL_CTX_use_PrivateKey(nint context, nint key);

    [LibraryImport(OpenSslLibraries.Ssl)]
    public static partial int SSL_CTX_check_private_key(nint context);

    [LibraryImport(OpenSslLibraries.Ssl)]
    public static partial void SSL_CTX_set_verify(nint context, int mode, nint callback);

    [LibraryImport(OpenSslLibraries.Ssl)]
    public static partial void SSL_CTX_set_cert_verify_callback(nint context, delegate* unmanaged[Cdecl]<nint, nint, int> callback, nint argument);

    [LibraryImport(OpenSslLibraries.Ssl)]
    public static partial nint SSL_new(nint context);

    [LibraryImport(OpenSslLibraries.Ssl)]
    public static partial void SSL_free(nint ssl);

    [LibraryImport(OpenSslLibraries.Ssl)]
    public static partial void SSL_set_accept_state(nint ssl);

    [LibraryImport(OpenSslLibraries.Ssl)]
    public static partial void SSL_set_connect_state(nint ssl);

    /// <summary>The SSL owns both BIOs afterwards.</summary>
    [LibraryImport(OpenSslLibraries.Ssl)]
    public static partial void SSL_set_bio(nint ssl, nint read, nint write);

    [LibraryImport(OpenSslLibraries.Ssl)]
    public static partial CLong SSL_ctrl(nint ssl, int command, CLong argument, nint pointer);

    [LibraryImport(OpenSslLibraries.Ssl)]
    public static partial void DTLS_set_timer_cb(nint ssl, delegate* unmanaged[Cdecl]<nint, uint, uint> callback);

    [LibraryImport(OpenSslLibraries.Ssl)]
    public static partial int SSL_do_handshake(nint ssl);

    [LibraryImport(OpenSslLibraries.Ssl)]
    public static partial int SSL_get_error(nint ssl, int result);

    /// <summary>Points into the SSL; null when none was agreed.</summary>
    [LibraryImport(OpenSslLibraries.Ssl)]
    public static partial SrtpProtectionProfile* SSL_get_selected_srtp_profile(nint ssl);

    [LibraryImport(OpenSslLibraries.Ssl)]
    public static partial int SSL_export_keying_material(nint ssl, byte* output, nuint outputLength, byte* label, nuint labelLength, byte* context, nuint contextLength, int useContext);

    /// <summary>The caller frees it.</summary>
    [LibraryImport(OpenSslLibraries.Ssl)]
    public static partial nint SSL_get1_peer_certificate(nint ssl);

    [LibraryImport(OpenSslLibraries.Ssl)]
    public static partial nint SSL_get_session(nint ssl);

    [LibraryImport(OpenSslLibraries.Ssl)]
    public static partial nuint SSL_SESSION_get_master_key(nint session, byte* output, nuint length);

    [LibraryImport(OpenSslLibraries.Ssl)]
    public static partial nuint SSL_get_client_random(nint ssl, byte* output, nuint length);

    [LibraryImport(OpenSslLibraries.Ssl)]
    public static partial nuint SSL_get_server_random(nint ssl, byte* output, nuint length);

    [LibraryImport(OpenSslLibraries.Crypto)]
    public static partial nint BIO_s_mem();

    [LibraryImport(OpenSslLibraries.Crypto)]
    public static partial nint BIO_new(nint method);

    [LibraryImport(OpenSslLibraries.Crypto)]
    public static partial CLong BIO_ctrl(nint bio, int command, CLong argument, nint pointer);

    [LibraryImport(OpenSslLibraries.Crypto)]
    public static partial int BIO_read(nint bio, byte* data, int length);

    [LibraryImport(OpenSslLibraries.Crypto)]
    public static partial int BIO_write(nint bio, byte* data, int length);

    [LibraryImport(OpenSslLibraries.Crypto)]
    public static partial nint d2i_AutoPrivateKey(nint* key, byte** der, CLong length);

    [LibraryImport(OpenSslLibraries.Crypto)]
    public static partial void EVP_PKEY_free(nint key);

    [LibraryImport(OpenSslLibraries.Crypto)]
    public static partial nint EVP_sha256();

    [LibraryImport(OpenSslLibraries.Crypto)]
    public static partial int X509_digest(nint certificate, nint digest, byte* output, uint* length);

    [LibraryImport(OpenSslLibraries.Crypto)]
    public static partial void X509_free(nint certificate);

    [LibraryImport(OpenSslLibraries.Crypto)]
    public static partial void ERR_clear_error();

    [LibraryImport(OpenSslLibraries.Crypto)]
    public static partial CULong ERR_peek_error();

    /// <summary>A static string, or null.</summary>
    [LibraryImport(OpenSslLibraries.Crypto)]
    public static partial nint ERR_reason_error_string(CULong error);
}
