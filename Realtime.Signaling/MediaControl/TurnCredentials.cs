using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Realtime.Contracts;

namespace Realtime.Signaling.MediaControl;

/// <summary>
/// Ephemeral TURN credentials (draft-uberti-behave-turn-rest-00): the username is <c>expiry:user</c>, the password its HMAC-SHA1 under a secret
/// shared with the server, so that no account has to be kept anywhere.
/// </summary>
public sealed class TurnCredentials(IOptionsMonitor<TurnOptions> options, TurnServers servers, TimeProvider time)
{
    /// <summary>Servers that are no good at the moment are left out.</summary>
    public IReadOnlyList<IceServer> For(string user)
    {
        var urls = servers.UsableUrls;
        if (urls.Length == 0 || options.CurrentValue.Secret.Length == 0)
            return [];
        var (username, password) = Make(user);
        return [new IceServer(urls, username, password)];
    }

    public (string Username, string Password) Make(string user)
    {
        var turn = options.CurrentValue;
        var username = $"{(time.GetUtcNow() + turn.CredentialLifetime).ToUnixTimeSeconds()}:{user}";
        return (username, Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(turn.Secret), Encoding.UTF8.GetBytes(username))));
    }
}
