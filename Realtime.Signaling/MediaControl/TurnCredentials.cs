using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Realtime.Contracts;

namespace Realtime.Signaling.MediaControl;

/// <summary>
/// Ephemeral TURN credentials (draft-uberti-behave-turn-rest-00): the username is <c>expiry:user</c>, the password its HMAC-SHA1 under a secret
/// shared with the server, so that no account has to be kept anywhere.
/// </summary>
public sealed class TurnCredentials(IOptionsMonitor<TurnOptions> options, TimeProvider time)
{
    public IReadOnlyList<IceServer> For(string user)
    {
        var turn = options.CurrentValue;
        var urls = turn.Urls.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (urls.Length == 0 || turn.Secret.Length == 0)
            return [];
        var username = $"{(time.GetUtcNow() + turn.CredentialLifetime).ToUnixTimeSeconds()}:{user}";
        var credential = Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(turn.Secret), Encoding.UTF8.GetBytes(username)));
        return [new IceServer(urls, username, credential)];
    }
}
