using System.Text;
using Realtime.Media.Core;

namespace Realtime.Media.Ice;

/// <summary>One side's ufrag and password (RFC 8445 §5.3). <see cref="ToString"/> hides the password.</summary>
public sealed class IceCredentials
{
    const string IceChars = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    /// <summary>48 random bits: enough to be unique on a node; the password is the secret.</summary>
    const int OwnUfragLength = 8;

    /// <summary>144 random bits; RFC 8445 asks for 128.</summary>
    const int OwnPasswordLength = 24;

    const int MinPasswordLength = 22;
    const int MaxLength = 256;

    readonly byte[] key;
    readonly byte[] ufragBytes;

    IceCredentials(string ufrag, string password)
    {
        Ufrag = ufrag;
        Password = password;
        key = Encoding.ASCII.GetBytes(password);
        ufragBytes = Encoding.ASCII.GetBytes(ufrag);
    }

    public string Ufrag { get; }

    public string Password { get; }

    public ReadOnlySpan<byte> UfragBytes => ufragBytes;

    /// <summary>The HMAC key of MESSAGE-INTEGRITY: the password's bytes.</summary>
    public ReadOnlySpan<byte> Key => key;

    /// <summary>New local credentials, whose ufrag always has a <see cref="UfragKey"/>.</summary>
    public static IceCredentials Create(Entropy entropy) => new(RandomText(entropy, OwnUfragLength), RandomText(entropy, OwnPasswordLength));

    /// <summary>The other side's, from its description. False when out of RFC 8839 §5.4's bounds (4–256, 22–256 ice-chars).</summary>
    public static bool TryCreate(string ufrag, string password, out IceCredentials? credentials)
    {
        var valid = ufrag.Length is >= UfragKey.MinLength and <= MaxLength && password.Length is >= MinPasswordLength and <= MaxLength
            && ufrag.All(c => c < 128 && IsIceChar((byte)c)) && password.All(c => c < 128 && IsIceChar((byte)c));
        credentials = valid ? new IceCredentials(ufrag, password) : null;
        return valid;
    }

    /// <summary>For the peer table. Own credentials always have one.</summary>
    public bool TryGetUfragKey(out UfragKey ufrag) => UfragKey.TryFrom(ufragBytes, out ufrag);

    public static bool IsIceChar(byte c) => char.IsAsciiLetterOrDigit((char)c) || c is (byte)'+' or (byte)'/';

    public override string ToString() => $"{Ufrag}:***";

    static string RandomText(Entropy entropy, int length)
    {
        Span<byte> random = stackalloc byte[length];
        entropy.Fill(random);
        Span<char> text = stackalloc char[length];
        for (var i = 0; i < length; i++) text[i] = IceChars[random[i] & 63];
        return new string(text);
    }
}
