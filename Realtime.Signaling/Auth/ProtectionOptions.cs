using System.Text;
using Microsoft.Extensions.Options;
using Realtime.ServiceDefaults.Tokens;

namespace Realtime.Signaling.Auth;

/// <summary>Section <c>Protection</c>: what encrypts secrets at rest. The same on every replica.</summary>
public sealed class ProtectionOptions
{
    public const string Section = "Protection";
    const string DevelopmentSecret = "dev-protection-secret-change-me-32-bytes-long!";

    /// <summary>At least 32 bytes. Required in Production; Development has one of its own.</summary>
    public string Secret { get; set; } = "";

    /// <summary>The one before, while it rotates: still decrypts.</summary>
    public string PreviousSecret { get; set; } = "";

    internal sealed class Defaults(IHostEnvironment environment) : IPostConfigureOptions<ProtectionOptions>
    {
        public void PostConfigure(string? name, ProtectionOptions options)
        {
            if (options.Secret.Length == 0 && !environment.IsProduction())
                options.Secret = DevelopmentSecret;
        }
    }

    internal sealed class Validator(IHostEnvironment environment) : IValidateOptions<ProtectionOptions>
    {
        public ValidateOptionsResult Validate(string? name, ProtectionOptions options)
        {
            var mistakes = new List<string>();
            if (Encoding.UTF8.GetByteCount(options.Secret) < Hs256Jwt.MinSecretLength)
                mistakes.Add($"Protection:Secret must have at least {Hs256Jwt.MinSecretLength} bytes.");
            if (options.PreviousSecret.Length > 0 && Encoding.UTF8.GetByteCount(options.PreviousSecret) < Hs256Jwt.MinSecretLength)
                mistakes.Add($"Protection:PreviousSecret must have at least {Hs256Jwt.MinSecretLength} bytes.");
            if (environment.IsProduction() && options.Secret == DevelopmentSecret)
                mistakes.Add("Protection:Secret is the one of Development: everybody knows it.");
            return mistakes.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(mistakes);
        }
    }
}
