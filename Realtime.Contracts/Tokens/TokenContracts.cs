namespace Realtime.Contracts;

/// <summary>What a token allows. Everything that is not granted is denied. Patterns: an exact name, or a prefix ending in <c>*</c>.</summary>
public sealed record Grants(
    IReadOnlyList<string>? Channels = null,
    IReadOnlyList<string>? Rooms = null,
    bool? Publish = null,
    bool? Subscribe = null,
    bool? Moderate = null,
    bool? Admin = null)
{
    public static Grants None { get; } = new();
}

/// <summary>Body of <c>POST /api/tokens</c> (Basic auth: key id and secret).</summary>
public sealed record TokenRequest(string? User, string? Name = null, string? Ttl = null, Grants? Grants = null);

public sealed record TokenResponse(string Token, DateTimeOffset Expires);
