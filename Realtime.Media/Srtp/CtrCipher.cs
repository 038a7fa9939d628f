namespace Realtime.Media.Srtp;

/// <summary>AES-128 in counter mode (RFC 3711 §4.1.1); encrypting and decrypting are the same.</summary>
sealed unsafe class CtrCipher(ReadOnlySpan<byte> key) : EvpContext(EvpInterop.EVP_aes_128_ctr(), key, encrypt: true)
{
    /// <param name="counter">The first counter block, 16 bytes.</param>
    /// <param name="output">As long as the input, and either the very same memory or none of it.</param>
    public void Apply(ReadOnlySpan<byte> counter, ReadOnlySpan<byte> input, Span<byte> output)
    {
        CheckOpen();
        int written;
        fixed (byte* iv = counter, from = input, to = output[..input.Length])
        {
            Check(EvpInterop.EVP_CipherInit_ex(handle, 0, 0, null, iv, -1));
            if (input.Length > 0) Check(EvpInterop.EVP_CipherUpdate(handle, to, &written, from, input.Length));
        }

        GC.KeepAlive(this);
    }
}
