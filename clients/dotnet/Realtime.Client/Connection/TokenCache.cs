using System.Buffers.Text;
using System.Text.Json;

namespace Realtime.Client.Connection;

/// <summary>Keeps a token until shortly before it ends, so that reconnecting needs no issuer while it is good. A refused one is forgotten.</summary>
sealed class TokenCache(RealtimeToken source)
{
    static readonly TimeSpan s_renewBefore = TimeSpan.FromMinutes(1);

    /// <summary>A provider whose tokens end at once must not be asked all the time …</summary>
    static readonly TimeSpan s_leastPause = TimeSpan.FromSeconds(5);

    /// <summary>… and one whose tokens last for months is looked after each day: timers do not reach much further.</summary>
    static readonly TimeSpan s_mostPause = TimeSpan.FromDays(1);

    string? _token;

    public bool IsRenewable => source.IsRenewable;

    public async Task<string> GetAsync(CancellationToken cancellation)
    {
        if (_token is { } token && (!IsRenewable || Left(token) > s_renewBefore))
            return token;
        return _token = await source.GetAsync(cancellation);
    }

    /// <summary>The server did not take it: the next one is asked for.</summary>
    public void Refuse() => _token = null;

    /// <summary>When to bring a newer one than this; null: it lasts, or there is none to be had.</summary>
    public TimeSpan? RenewIn(string token)
    {
        if (!IsRenewable || Expiry(token) is null)
            return null;
        var left = Left(token);
        var pause = left - s_renewBefore > left / 2 ? left - s_renewBefore : left / 2;
        return pause < s_leastPause ? s_leastPause : pause > s_mostPause ? s_mostPause : pause;
    }

    static TimeSpan Left(string token) => Expiry(token) is { } expires ? expires - DateTimeOffset.UtcNow : TimeSpan.Zero;

    /// <summary>Read for planning only: the server verifies. Null when it does not say.</summary>
    static DateTimeOffset? Expiry(string token)
    {
        if (token.Split('.') is not [_, var payload, _])
            return null;
        try
        {
            using var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(payload));
            return claims.RootElement.TryGetProperty("exp", out var expires) && expires.TryGetInt64(out var seconds) ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;
        }
        catch (Exception exception) when (exception is FormatException or JsonException or InvalidOperationException or ArgumentOutOfRangeException)
        {
            // Not a JWT: never kept.
            return null;
        }
    }
}
