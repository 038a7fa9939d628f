namespace Realtime.Media.Srtp;

/// <summary>AES-128-GCM in one direction (RFC 7714), 96-bit nonce, 128-bit tag.</summary>
sealed unsafe class GcmCipher(ReadOnlySpan<byte> key, bool encrypt) : EvpContext(EvpInterop.EVP_aes_128_gcm(), key, encrypt)
{
    public const int TagSize = 16;
    public const int NonceSize = 12;

    /// <summary>Encrypts and authenticates.</summary>
    /// <param name="output">As long as the plaintext, and either the very same memory or none of it.</param>
    /// <param name="extraData">Authenticated after <paramref name="header"/>; may be empty.</param>
    public void Seal(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> header, ReadOnlySpan<byte> extraData, ReadOnlySpan<byte> plaintext, Span<byte> output, Span<byte> tag)
    {
        CheckOpen();
        int written;
        fixed (byte* to = output[..plaintext.Length], tagBytes = tag[..TagSize])
        {
            Start(nonce, header, extraData);
            fixed (byte* from = plaintext)
                if (plaintext.Length > 0) Check(EvpInterop.EVP_CipherUpdate(handle, to, &written, from, plaintext.Length));
            Check(EvpInterop.EVP_CipherFinal_ex(handle, to, &written));
            Check(EvpInterop.EVP_CIPHER_CTX_ctrl(handle, EvpInterop.CtrlGcmGetTag, TagSize, tagBytes));
        }

        GC.KeepAlive(this);
    }

    /// <summary>Decrypts in place. False when the tag is wrong: <paramref name="text"/> then holds garbage.</summary>
    public bool TryOpen(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> header, ReadOnlySpan<byte> extraData, Span<byte> text, ReadOnlySpan<byte> tag)
    {
        CheckOpen();
        int written;
        bool authentic;
        fixed (byte* bytes = text, tagBytes = tag[..TagSize])
        {
            Start(nonce, header, extraData);
            if (text.Length > 0) Check(EvpInterop.EVP_CipherUpdate(handle, bytes, &written, bytes, text.Length));
            Check(EvpInterop.EVP_CIPHER_CTX_ctrl(handle, EvpInterop.CtrlGcmSetTag, TagSize, tagBytes));
            authentic = EvpInterop.EVP_CipherFinal_ex(handle, bytes, &written) == 1;
        }

        GC.KeepAlive(this);
        return authentic;
    }

    void Start(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> header, ReadOnlySpan<byte> extraData)
    {
        int written;
        fixed (byte* iv = nonce[..NonceSize], aad = header, extra = extraData)
        {
            Check(EvpInterop.EVP_CipherInit_ex(handle, 0, 0, null, iv, -1));
            Check(EvpInterop.EVP_CipherUpdateShort(handle, null, &written, aad, header.Length));
            if (extraData.Length > 0) Check(EvpInterop.EVP_CipherUpdateShort(handle, null, &written, extra, extraData.Length));
        }
    }
}
