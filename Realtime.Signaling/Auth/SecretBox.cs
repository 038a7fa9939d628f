using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Microsoft.Extensions.Options;

namespace Realtime.Signaling.Auth;

/// <summary>
/// Secrets at rest as texts: <c>p1.base64url(<see cref="SealedSecret"/>)</c> under <c>Protection:Secret</c>, bound to what the secret belongs to. Every replica has the same key, so there is no
/// key ring to share (which ASP.NET Core's data protection would need, with replicas that do not know each other's newest key for a day).
/// </summary>
public sealed class SecretBox(IOptions<ProtectionOptions> options)
{
    const string Version = "p1.";
    const int MaxLength = 4096;

    readonly byte[][] _keys = [.. new[] { options.Value.Secret, options.Value.PreviousSecret }.Where(static secret => secret.Length > 0).Select(Encoding.UTF8.GetBytes)];

    /// <param name="owner">What it belongs to: a secret moved to another row does not open.</param>
    public string Close(string secret, string owner) => Version + Base64Url.EncodeToString(SealedSecret.Seal(_keys[0], owner, Encoding.UTF8.GetBytes(secret)));

    /// <param name="isOld">Closed under the previous secret: close it anew.</param>
    public bool TryOpen(string closed, string owner, [NotNullWhen(true)] out string? secret, out bool isOld)
    {
        (secret, isOld) = (null, false);
        if (closed.Length > MaxLength || !closed.StartsWith(Version, StringComparison.Ordinal) || !Base64Url.IsValid(closed.AsSpan(Version.Length)))
            return false;
        var bytes = Base64Url.DecodeFromChars(closed.AsSpan(Version.Length));
        for (var i = 0; i < _keys.Length; i++)
        {
            if (!SealedSecret.TryOpen(_keys[i], owner, bytes, out var opened))
                continue;
            (secret, isOld) = (Encoding.UTF8.GetString(opened), i > 0);
            return true;
        }
        return false;
    }
}
