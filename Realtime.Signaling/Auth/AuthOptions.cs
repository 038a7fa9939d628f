using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Realtime.ServiceDefaults.Tokens;

namespace Realtime.Signaling.Auth;

/// <summary>Section <c>Auth</c>: the API keys that sign user tokens.</summary>
public sealed class AuthOptions
{
    public const string Section = "Auth";

    /// <summary>The key that Development has without being told (contract: Tokens).</summary>
    public const string DevelopmentKey = "dev";
    public const string DevelopmentSecret = "dev-secret-change-me-32-bytes-long!";

    public const int MaxSecretsPerKey = 2;

    public List<ApiKeyOptions> Keys { get; set; } = [];

    /// <summary>Of a minted token that names none.</summary>
    public TimeSpan DefaultTokenLifetime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Tokens that live longer are refused, also those a team's backend signed: a revocation has to be remembered as long.</summary>
    public TimeSpan MaxTokenLifetime { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How long after its connection was lost a session's resume token is worth anything; the session itself lives shorter.</summary>
    public TimeSpan ResumeTokenLifetime { get; set; } = TimeSpan.FromHours(24);

    /// <summary>An external issuer (OpenID Connect), exactly as its discovery document names it, e.g. <c>https://login.example.org/realms/chat</c>. Empty: none.</summary>
    public string Authority { get; set; } = "";

    /// <summary>What the issuer's tokens must name in <c>aud</c>.</summary>
    public string Audience { get; set; } = "";

    /// <summary>The claim of the issuer's tokens that holds the grants, in the shape of <see cref="Realtime.Contracts.Grants"/>.</summary>
    public string GrantsClaim { get; set; } = "grants";

    /// <summary>Seals the API keys that are stored in Postgres: 32 bytes in base64. Without it none can be stored.</summary>
    public string MasterKey { get; set; } = "";

    /// <summary>Plain http is for this machine alone, and never in Production.</summary>
    public static bool IsAcceptable(Uri uri, IHostEnvironment environment) =>
        uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback && !environment.IsProduction());

    internal sealed class Defaults(IHostEnvironment environment) : IPostConfigureOptions<AuthOptions>
    {
        public void PostConfigure(string? name, AuthOptions options)
        {
            if (environment.IsDevelopment() && !options.Keys.Any(static key => key.Id == DevelopmentKey))
                options.Keys.Add(new ApiKeyOptions { Id = DevelopmentKey, Secrets = [DevelopmentSecret] });
            if (environment.IsDevelopment() && options.MasterKey.Length == 0)
                options.MasterKey = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(DevelopmentSecret)));
        }
    }

    internal sealed class Validator(IHostEnvironment environment) : IValidateOptions<AuthOptions>
    {
        public ValidateOptionsResult Validate(string? name, AuthOptions options)
        {
            var mistakes = new List<string>();
            if (options.Keys.Count == 0 && options.Authority.Length == 0 && options.MasterKey.Length == 0)
                mistakes.Add("Auth:Keys holds no key, and there is neither Auth:Authority nor Auth:MasterKey: nobody could ever sign in.");
            if (options.Authority.Length > 0 && (!Uri.TryCreate(options.Authority, UriKind.Absolute, out var authority) || !IsAcceptable(authority, environment)))
                mistakes.Add("Auth:Authority must be an https address (http only for this machine, and not in Production).");
            if (options.Authority.Length > 0 && options.Audience.Length == 0)
                mistakes.Add("Auth:Audience must name this service when Auth:Authority is set: else tokens for anybody would do.");
            if (options.GrantsClaim.Length == 0)
                mistakes.Add("Auth:GrantsClaim must name a claim.");
            if (options.MasterKey.Length > 0 && !IsKey(options.MasterKey))
                mistakes.Add("Auth:MasterKey must be 32 bytes in base64.");
            for (var i = 0; i < options.Keys.Count; i++)
            {
                var key = options.Keys[i];
                var at = $"Auth:Keys:{i}";
                if (key.Id is not { Length: > 0 and <= 64 } || key.Id.Contains(':'))
                    mistakes.Add($"{at}:Id must have 1 to 64 characters and no colon.");
                if (key.Secrets.Count is 0 or > MaxSecretsPerKey)
                    mistakes.Add($"{at}:Secrets must hold one secret, or two while it rotates.");
                if (key.Secrets.Any(static secret => Encoding.UTF8.GetByteCount(secret) < Hs256Jwt.MinSecretLength))
                    mistakes.Add($"{at}:Secrets must have at least {Hs256Jwt.MinSecretLength} bytes each.");
                if (environment.IsProduction() && (key.Id == DevelopmentKey || key.Secrets.Contains(DevelopmentSecret)))
                    mistakes.Add($"{at} is the development key: everybody knows it. Remove it, or do not run as Production.");
            }
            if (options.Keys.Select(static key => key.Id).Distinct(StringComparer.Ordinal).Count() != options.Keys.Count)
                mistakes.Add("Auth:Keys holds the same Id twice.");
            if (options.DefaultTokenLifetime <= TimeSpan.Zero || options.DefaultTokenLifetime > options.MaxTokenLifetime)
                mistakes.Add("Auth:DefaultTokenLifetime must be positive and at most Auth:MaxTokenLifetime.");
            if (options.ResumeTokenLifetime <= TimeSpan.Zero)
                mistakes.Add("Auth:ResumeTokenLifetime must be positive.");
            return mistakes.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(mistakes);
        }

        static bool IsKey(string text)
        {
            Span<byte> bytes = stackalloc byte[64];
            return Convert.TryFromBase64String(text, bytes, out var length) && length == 32;
        }
    }
}

/// <summary>One API key. The first secret signs, all verify.</summary>
public sealed class ApiKeyOptions
{
    public string Id { get; set; } = "";

    public List<string> Secrets { get; set; } = [];
}
