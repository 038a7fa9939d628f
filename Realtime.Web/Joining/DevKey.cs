namespace Realtime.Web.Joining;

/// <summary>The API key with which this process mints tokens: only in Development. Elsewhere the team's own backend mints them.</summary>
/// <param name="Id">From <c>Auth:DevKeyId</c>.</param>
/// <param name="Secret">From <c>Auth:DevKeySecret</c>.</param>
sealed record DevKey(string Id, string Secret)
{
    public static DevKey? From(IConfiguration configuration, IHostEnvironment environment) =>
        environment.IsDevelopment() && configuration["Auth:DevKeyId"] is { Length: > 0 } id && configuration["Auth:DevKeySecret"] is { Length: > 0 } secret
            ? new DevKey(id, secret)
            : null;

    /// <summary>Never with the secret in it.</summary>
    public override string ToString() => $"DevKey {Id}";
}
