using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.XmlEncryption;

namespace Realtime.Web.Access;

/// <summary>Seals the keys of cookies with the secret of the console (AES-256-GCM): whoever reads the database or a backup of it cannot make a session. Another secret ends all sessions.</summary>
sealed class KeySealer(string secret) : IXmlEncryptor
{
    const int NonceLength = 12;
    const int TagLength = 16;
    const string Element = "sealed";

    readonly byte[] _key = HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret), 32, info: "realtime console keys"u8.ToArray());

    public EncryptedXmlInfo Encrypt(XElement plaintextElement)
    {
        var plain = Encoding.UTF8.GetBytes(plaintextElement.ToString(SaveOptions.DisableFormatting));
        var whole = new byte[NonceLength + plain.Length + TagLength];
        RandomNumberGenerator.Fill(whole.AsSpan(0, NonceLength));
        using var aes = new AesGcm(_key, TagLength);
        aes.Encrypt(whole.AsSpan(0, NonceLength), plain, whole.AsSpan(NonceLength, plain.Length), whole.AsSpan(NonceLength + plain.Length));
        return new EncryptedXmlInfo(new XElement(Element, Convert.ToBase64String(whole)), typeof(KeyOpener));
    }

    /// <exception cref="CryptographicException">It was sealed with another secret, or changed.</exception>
    public XElement Decrypt(XElement encryptedElement)
    {
        var whole = Convert.FromBase64String(encryptedElement.Value);
        if (whole.Length < NonceLength + TagLength)
            throw new CryptographicException("A key of the console is too short to be one.");
        var plain = new byte[whole.Length - NonceLength - TagLength];
        using var aes = new AesGcm(_key, TagLength);
        aes.Decrypt(whole.AsSpan(0, NonceLength), whole.AsSpan(NonceLength, plain.Length), whole.AsSpan(NonceLength + plain.Length), plain);
        return XElement.Parse(Encoding.UTF8.GetString(plain));
    }
}

/// <summary>Opens what <see cref="KeySealer"/> sealed; its name stands with each key, so it must stay.</summary>
sealed class KeyOpener(IServiceProvider services) : IXmlDecryptor
{
    readonly KeySealer _sealer = new(services.GetRequiredService<ConsoleOptions>().KeySecret);

    public XElement Decrypt(XElement encryptedElement) => _sealer.Decrypt(encryptedElement);
}
