using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Realtime.Media.Dtls;

/// <summary>
/// One SSL with its two memory BIOs, alive only during the handshake (an idle one would hold 74 KiB). Its clock is switched off: the
/// retransmission timer never fires, see <see cref="DtlsFlight"/>.
/// </summary>
sealed unsafe class DtlsHandshake : SafeHandle
{
    public enum Progress
    {
        WantsMore,
        Done,
        Failed,
    }

    readonly bool isServer;
    readonly nint input;
    readonly nint output;

    public DtlsHandshake(DtlsContext context, bool isServer)
        : base(0, ownsHandle: true)
    {
        this.isServer = isServer;
        ObjectDisposedException.ThrowIf(context.IsClosed, context);
        SetHandle(OpenSsl.SSL_new(context.DangerousGetHandle()));
        GC.KeepAlive(context);
        input = OpenSsl.BIO_new(OpenSsl.BIO_s_mem());
        output = OpenSsl.BIO_new(OpenSsl.BIO_s_mem());
        if (IsInvalid || input == 0 || output == 0) throw new CryptographicException("OpenSSL is out of memory.");
        OpenSsl.BIO_ctrl(input, OpenSsl.BIO_C_SET_BUF_MEM_EOF_RETURN, new CLong(-1), 0);
        OpenSsl.BIO_ctrl(output, OpenSsl.BIO_C_SET_BUF_MEM_EOF_RETURN, new CLong(-1), 0);
        OpenSsl.SSL_set_bio(handle, input, output);
        OpenSsl.SSL_ctrl(handle, OpenSsl.DTLS_CTRL_SET_LINK_MTU, new CLong(DtlsFlight.Mtu), 0);
        OpenSsl.DTLS_set_timer_cb(handle, &NeverExpires);
        if (isServer) OpenSsl.SSL_set_accept_state(handle);
        else OpenSsl.SSL_set_connect_state(handle);
    }

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        OpenSsl.SSL_free(handle);
        return true;
    }

    /// <summary>Goes as far as it can with one more datagram; a client starts with an empty one.</summary>
    public Progress Advance(ReadOnlySpan<byte> datagram)
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        OpenSsl.ERR_clear_error();
        fixed (byte* bytes = datagram)
            if (datagram.Length > 0 && OpenSsl.BIO_write(input, bytes, datagram.Length) != datagram.Length)
                return Progress.Failed;
        var result = OpenSsl.SSL_do_handshake(handle);
        if (result == 1) return Progress.Done;
        return OpenSsl.SSL_get_error(handle, result) == OpenSsl.SSL_ERROR_WANT_READ ? Progress.WantsMore : Progress.Failed;
    }

    /// <summary>The records written since the last call: a memory BIO keeps no datagram boundaries.</summary>
    public int ReadOutput(Span<byte> buffer)
    {
        fixed (byte* bytes = buffer) return Math.Max(0, OpenSsl.BIO_read(output, bytes, buffer.Length));
    }

    /// <summary>SHA-256 of the other side's certificate; false when there is none.</summary>
    public bool TryGetRemoteDigest(Span<byte> sha256)
    {
        var certificate = OpenSsl.SSL_get1_peer_certificate(handle);
        if (certificate == 0) return false;
        uint length;
        fixed (byte* bytes = sha256[..SHA256.HashSizeInBytes])
        {
            var digested = OpenSsl.X509_digest(certificate, OpenSsl.EVP_sha256(), bytes, &length);
            OpenSsl.X509_free(certificate);
            return digested == 1;
        }
    }

    /// <summary>Null when no SRTP profile was agreed.</summary>
    public DtlsSrtpKeys? ExportSrtpKeys()
    {
        var profile = OpenSsl.SSL_get_selected_srtp_profile(handle);
        var id = profile == null ? (ushort)0 : (ushort)profile->Id.Value;
        var material = new byte[DtlsSrtpKeys.MaterialLength(id)];
        if (material.Length == 0) return null;
        var label = "EXTRACTOR-dtls_srtp"u8;
        fixed (byte* bytes = material, text = label)
        {
            if (OpenSsl.SSL_export_keying_material(handle, bytes, (nuint)material.Length, text, (nuint)label.Length, null, 0, 0) != 1)
                throw new CryptographicException("SSL_export_keying_material failed.");
        }

        return new DtlsSrtpKeys(id, material, isServer);
    }

    /// <summary>What remains of the connection once the SSL is gone.</summary>
    public AlertCipher ExportAlertCipher()
    {
        Span<byte> master = stackalloc byte[48];
        Span<byte> clientRandom = stackalloc byte[32];
        Span<byte> serverRandom = stackalloc byte[32];
        fixed (byte* m = master, c = clientRandom, s = serverRandom)
        {
            if (OpenSsl.SSL_SESSION_get_master_key(OpenSsl.SSL_get_session(handle), m, (nuint)master.Length) != (nuint)master.Length
                || OpenSsl.SSL_get_client_random(handle, c, (nuint)clientRandom.Length) != (nuint)clientRandom.Length
                || OpenSsl.SSL_get_server_random(handle, s, (nuint)serverRandom.Length) != (nuint)serverRandom.Length)
                throw new CryptographicException("The session has no master secret.");
        }

        var alerts = new AlertCipher(master, clientRandom, serverRandom, isServer);
        CryptographicOperations.ZeroMemory(master);
        return alerts;
    }

    /// <summary>OpenSSL's reason for the failure on this thread, such as "no shared cipher".</summary>
    public static string? TakeError()
    {
        var error = OpenSsl.ERR_peek_error();
        OpenSsl.ERR_clear_error();
        return Marshal.PtrToStringUTF8(OpenSsl.ERR_reason_error_string(error));
    }

    // An hour, longer than any handshake may live. (A timer that always seems expired, which would let handle_timeout retransmit on
    // demand, does not work: SSL_do_handshake looks at it first on every datagram and retransmits until it gives up.)
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static uint NeverExpires(nint ssl, uint microseconds) => 3_600_000_000;
}
