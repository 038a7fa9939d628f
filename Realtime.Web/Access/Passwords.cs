using System.Security.Cryptography;
using System.Text;

namespace Realtime.Web.Access;

/// <summary>Makes, hashes and checks passwords: PBKDF2 with HMAC-SHA-512, 210,000 rounds (OWASP's advice), a salt of 16 bytes.</summary>
static class Passwords
{
    public const int MinLength = 12;
    public const int MaxLength = 128;

    const int Rounds = 210_000;
    const int SaltBytes = 16;
    const int HashBytes = 32;

    /// <summary>Without what is mistaken for something else when it is read off a terminal.</summary>
    const string Letters = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKMNPQRSTUVWXYZ23456789";

    /// <summary>Of nobody: checked when there is no such account, so that the answer takes as long.</summary>
    static readonly string s_nobody = Hash(Make());

    /// <summary>Four groups of five: 116 bits.</summary>
    public static string Make()
    {
        var letters = RandomNumberGenerator.GetItems<char>(Letters, 20);
        return string.Join('-', letters.Chunk(5).Select(static group => new string(group)));
    }

    public static string Hash(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        return $"1${Convert.ToBase64String(salt)}${Convert.ToBase64String(Derive(password, salt))}";
    }

    /// <param name="hash">Null: there is no such account.</param>
    public static bool Matches(string? hash, string password)
    {
        var parts = (hash ?? s_nobody).Split('$');
        if (parts is not ["1", var salt, var wanted])
            return false;
        return CryptographicOperations.FixedTimeEquals(Derive(password, Convert.FromBase64String(salt)), Convert.FromBase64String(wanted)) && hash is not null;
    }

    static byte[] Derive(string password, byte[] salt) => Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, Rounds, HashAlgorithmName.SHA512, HashBytes);
}
