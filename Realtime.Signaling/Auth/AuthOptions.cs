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

    internal sealed class Defaults(IHostEnvironment environment) : IPostConfigureOptions<AuthOptions>
    {
        public void PostConfigure(string? name, AuthOptions options)
        {
            if (environment.IsDevelopment() && !options.Keys.Any(static key => key.Id == DevelopmentKey))
                options.Keys.Add(new ApiKeyOptions { Id = DevelopmentKey, Secrets = [DevelopmentSecret] });
        }
    }

    internal sealed class Validator(IHostEnvironment environment) : IValidateOptions<AuthOptions>
    {
        public ValidateOptionsResult Validate(string? name, AuthOptions options)
        {
            var mistakes = new List<string>();
            if (options.Keys.Count == 0)
                mistakes.Add("Auth:Keys holds no key: nobody could ever sign in.");
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
    }
}

/// <summary>One API key. The first secret signs, all verify.</summary>
public sealed class ApiKeyOptions
{
    public string Id { get; set; } = "";

    public List<string> Secrets { get; set; } = [];
}
