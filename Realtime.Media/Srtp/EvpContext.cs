using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Realtime.Media.Srtp;

/// <summary>
/// Owns one EVP_CIPHER_CTX, keyed once; only the IV changes from packet to packet. Freed by Dispose, or by the finalizer when a peer
/// died of an exception.
/// </summary>
abstract unsafe class EvpContext : SafeHandle
{
    protected EvpContext(nint cipher, ReadOnlySpan<byte> key, bool encrypt)
        : base(0, ownsHandle: true)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, 16);
        SetHandle(EvpInterop.EVP_CIPHER_CTX_new());
        if (IsInvalid) throw new CryptographicException("EVP_CIPHER_CTX_new failed.");
        fixed (byte* k = key) Check(EvpInterop.EVP_CipherInit_ex(handle, cipher, 0, k, null, encrypt ? 1 : 0));
    }

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        EvpInterop.EVP_CIPHER_CTX_free(handle);
        return true;
    }

    /// <summary>A failure here is no bad packet but a misuse or a broken library: it goes to the nearest fault boundary.</summary>
    protected static void Check(int result)
    {
        if (result != 1) Fail();
    }

    /// <summary>After Dispose the native pointer dangles.</summary>
    protected void CheckOpen() => ObjectDisposedException.ThrowIf(IsClosed, this);

    static void Fail() => throw new CryptographicException("An EVP cipher call failed.");
}
