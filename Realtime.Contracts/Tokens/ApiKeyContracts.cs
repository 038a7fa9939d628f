namespace Realtime.Contracts;

/// <summary>One entry of <c>GET /api/keys</c>; secrets are never shown again.</summary>
/// <param name="Secrets">How many are accepted: two while the key rotates.</param>
public sealed record ApiKeyInfo(string Id, int Secrets, DateTimeOffset CreatedAt, DateTimeOffset? RotatedAt = null);

/// <summary>Body of <c>POST /api/keys</c>.</summary>
/// <param name="Id">Absent: one is made up.</param>
public sealed record CreateApiKeyRequest(string? Id = null);

/// <summary>The answer to creating or rotating a key: the only time its secret is told.</summary>
public sealed record ApiKeySecret(string Id, string Secret);
