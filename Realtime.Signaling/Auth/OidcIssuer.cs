using System.Collections.Frozen;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;

namespace Realtime.Signaling.Auth;

/// <summary>
/// An external issuer of tokens (OpenID Connect Discovery 1.0): its keys are fetched at start, every ten minutes and when a token names one that is not known, through the
/// circuit <c>auth</c>, and kept while it is away. So who is known stays known; only who would need a new key has to wait.
/// </summary>
public sealed partial class OidcIssuer(
    IHttpClientFactory http, AuthCircuit circuit, IOptionsMonitor<AuthOptions> options, IHostEnvironment environment, Supervisor supervisor, ILogger<OidcIssuer> log)
    : SupervisedService(supervisor, "auth.issuer")
{
    public const string ClientName = "issuer";
    public const int MaxKeys = 64;
    public const int MaxDocumentBytes = 256 * 1024;

    public static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(5);

    static readonly TimeSpan RefreshEvery = TimeSpan.FromMinutes(10);

    /// <summary>While it is away, and at most so often for tokens with unknown keys: those cost an attacker nothing.</summary>
    static readonly TimeSpan RetryEvery = TimeSpan.FromSeconds(5);

    readonly SemaphoreSlim _fetching = new(1);
    volatile FrozenDictionary<string, IssuerKey> _keys = FrozenDictionary<string, IssuerKey>.Empty;
    long _fetchedAt;
    long _triedAt;

    public bool IsConfigured => options.CurrentValue.Authority.Length > 0;

    /// <summary>The keys known at the moment.</summary>
    public IReadOnlyCollection<string> KeyIds => _keys.Keys;

    public async ValueTask<TokenVerdict> VerifyAsync(string token, IssuerJwtHeader header, CancellationToken cancellation)
    {
        if (!_keys.TryGetValue(header.KeyId, out var key))
        {
            var fetched = await TryFetchAsync(cancellation);
            if (!_keys.TryGetValue(header.KeyId, out key))
            {
                return fetched is null or true ? new(null, TokenVerdict.NotValid)
                    : new(null, new RealtimeError(ErrorCode.Unavailable, "The issuer of this token cannot be asked for its keys.", RetryAfterMs: (int)RetryEvery.TotalMilliseconds));
            }
        }
        var settings = options.CurrentValue;
        if (key.Algorithm != header.Algorithm || !IssuerJwt.TryVerify(token, key, settings.Authority, settings.Audience, Time.GetUtcNow(), out var claims)
            || !UserTokens.TryRead(claims, out var user, settings.GrantsClaim) || user.Expires - user.IssuedAt > settings.MaxTokenLifetime)
            return new(null, TokenVerdict.NotValid);
        return new(user, TokenVerdict.NotValid);
    }

    protected override async Task RunLoopAsync(CancellationToken stopping)
    {
        while (true)
        {
            if (IsConfigured && (_fetchedAt == 0 || circuit.IsAway || Time.GetElapsedTime(_fetchedAt) >= RefreshEvery))
                await TryFetchAsync(stopping);
            await Task.Delay(RetryEvery, Time, stopping);
        }
    }

    /// <returns>Null: asked a moment ago. False: it did not answer.</returns>
    async Task<bool?> TryFetchAsync(CancellationToken cancellation)
    {
        await _fetching.WaitAsync(cancellation);
        try
        {
            if (_triedAt != 0 && Time.GetElapsedTime(_triedAt) < RetryEvery * 0.9)
                return circuit.IsAway || _fetchedAt == 0 ? false : null;
            _triedAt = Time.GetTimestamp();
            var keys = await circuit.Circuit.ExecuteAsync(async token => await FetchAsync(token), cancellation, CallTimeout);
            _keys = keys.ToFrozenDictionary(static key => key.Id, StringComparer.Ordinal);
            _fetchedAt = Time.GetTimestamp();
            ActionLog.RecordVerbose(Name, "fetched");
            return true;
        }
        catch (Exception exception) when (exception is HttpRequestException or TimeoutException or InvalidDataException or CircuitOpenException)
        {
            LogAway(exception.GetType().Name, exception.Message);
            return false;
        }
        finally
        {
            _fetching.Release();
        }
    }

    async Task<IReadOnlyList<IssuerKey>> FetchAsync(CancellationToken cancellation)
    {
        var authority = options.CurrentValue.Authority;
        using var discovery = await GetAsync($"{authority.TrimEnd('/')}/.well-known/openid-configuration", cancellation);
        // OpenID Connect Discovery §4.3: it must be whom we asked.
        if (Text(discovery.RootElement, "issuer") != authority)
            throw new InvalidDataException("The discovery document names another issuer.");
        if (!Uri.TryCreate(Text(discovery.RootElement, "jwks_uri"), UriKind.Absolute, out var uri) || !AuthOptions.IsAcceptable(uri, environment))
            throw new InvalidDataException("The discovery document names no usable jwks_uri.");
        using var set = await GetAsync(uri.ToString(), cancellation);
        if (!set.RootElement.TryGetProperty("keys", out var list) || list.ValueKind != JsonValueKind.Array)
            throw new InvalidDataException("The key set holds no keys.");
        var keys = new Dictionary<string, IssuerKey>(StringComparer.Ordinal);
        foreach (var item in list.EnumerateArray().Take(MaxKeys))
        {
            if (IssuerKey.TryRead(item, out var key))
                keys[key.Id] = key;
        }
        return [.. keys.Values];
    }

    async Task<JsonDocument> GetAsync(string uri, CancellationToken cancellation)
    {
        using var client = http.CreateClient(ClientName);
        using var response = await client.GetAsync(uri, HttpCompletionOption.ResponseContentRead, cancellation);
        response.EnsureSuccessStatusCode();
        var bytes = await response.Content.ReadAsByteArrayAsync(cancellation);
        return SafeJson.TryParse(bytes, out var document, MaxDocumentBytes) && document.RootElement.ValueKind == JsonValueKind.Object
            ? document : throw new InvalidDataException("The issuer's answer is no JSON object.");
    }

    static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public override void Dispose()
    {
        _fetching.Dispose();
        base.Dispose();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The issuer's keys could not be fetched, the known ones stay in force: {Type}: {Reason}")]
    partial void LogAway(string type, string reason);
}
