using System.Runtime.InteropServices;
using Realtime.Media.Core;

namespace Realtime.Media.Srtp;

/// <summary>
/// libcrypto's EVP ciphers and raw SHA-1; the interop, nothing else. The per-packet calls take well under a microsecond, never block
/// and never call back, so they skip the GC transition; the two that touch the payload do not.
/// </summary>
static unsafe partial class EvpInterop
{
    public const int CtrlGcmGetTag = 0x10;
    public const int CtrlGcmSetTag = 0x11;

    /// <summary>SHA_CTX of sha.h: h0..h4, Nl, Nh, data[16], num. Copying it copies the hash's state.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Sha1State
    {
        fixed uint words[24];
    }

    [LibraryImport(OpenSslLibraries.Crypto)]
    public static partial nint EVP_CIPHER_CTX_new();

    [LibraryImport(OpenSslLibraries.Crypto)]
    public static partial void EVP_CIPHER_CTX_free(nint context);

    [LibraryImport(OpenSslLibraries.Crypto)]
    public static partial nint EVP_aes_128_gcm();

    [LibraryImport(OpenSslLibraries.Crypto)]
    public static partial nint EVP_aes_128_ctr();

    [LibraryImport(OpenSslLibraries.Crypto), SuppressGCTransition]
    public static partial int EVP_CipherInit_ex(nint context, nint cipher, nint engine, byte* key, byte* iv, int encrypt);

    [LibraryImport(OpenSslLibraries.Crypto, EntryPoint = "EVP_CipherUpdate")]
    public static partial int EVP_CipherUpdate(nint context, byte* output, int* outputLength, byte* input, int inputLength);

    [LibraryImport(OpenSslLibraries.Crypto, EntryPoint = "EVP_CipherUpdate"), SuppressGCTransition]
    public static partial int EVP_CipherUpdateShort(nint context, byte* output, int* outputLength, byte* input, int inputLength);

    [LibraryImport(OpenSslLibraries.Crypto), SuppressGCTransition]
    public static partial int EVP_CipherFinal_ex(nint context, byte* output, int* outputLength);

    [LibraryImport(OpenSslLibraries.Crypto), SuppressGCTransition]
    public static partial int EVP_CIPHER_CTX_ctrl(nint context, int type, int argument, byte* pointer);

    [LibraryImport(OpenSslLibraries.Crypto), SuppressGCTransition]
    public static partial int SHA1_Init(Sha1State* state);

    [LibraryImport(OpenSslLibraries.Crypto)]
    public static partial int SHA1_Update(Sha1State* state, byte* data, nuint length);

    [LibraryImport(OpenSslLibraries.Crypto, EntryPoint = "SHA1_Update"), SuppressGCTransition]
    public static partial int SHA1_UpdateShort(Sha1State* state, byte* data, nuint length);

    [LibraryImport(OpenSslLibraries.Crypto), SuppressGCTransition]
    public static partial int SHA1_Final(byte* digest, Sha1State* state);
}
