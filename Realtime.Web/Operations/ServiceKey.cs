using Realtime.Web.Access;
using Realtime.Web.Joining;

namespace Realtime.Web.Operations;

/// <summary>The API key with which this service signs its tokens for signaling: <c>Console:KeyId</c> and <c>Console:KeySecret</c>; in Development also the key everybody has.</summary>
sealed record ServiceKey(string Id, string Secret)
{
    public static ServiceKey? From(ConsoleOptions options, IConfiguration configuration, IHostEnvironment environment) =>
        options.KeyId.Length > 0 ? new ServiceKey(options.KeyId, options.KeySecret)
        : DevKey.From(configuration, environment) is { } dev ? new ServiceKey(dev.Id, dev.Secret)
        : null;

    /// <summary>Never with the secret in it.</summary>
    public override string ToString() => $"ServiceKey {Id}";
}
