namespace Aspire.StackExchange.Redis;

/// <summary>Settings of the Redis client, bound from <c>Aspire:StackExchange:Redis[:name]</c>.</summary>
public sealed class StackExchangeRedisSettings
{
    /// <summary><c>host:port,key=value,…</c>; <c>ConnectionStrings:name</c> wins over the section's value.</summary>
    public string? ConnectionString { get; set; }

    public bool DisableHealthChecks { get; set; }

    public bool DisableTracing { get; set; }

    /// <summary>Whether the connection waits for its first use instead of being made when the host starts.</summary>
    public bool DisableAutoActivation { get; set; } = true;
}
