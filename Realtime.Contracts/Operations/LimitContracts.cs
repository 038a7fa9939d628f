namespace Realtime.Contracts;

/// <summary>The limits of one replica, as <c>GET /api/limits</c> shows them to operators.</summary>
/// <param name="Settings">Every option of the section <c>Limits</c>.</param>
public sealed record LimitsReport(string Replica, IReadOnlyList<LimitState> Limits, IReadOnlyList<LimitSetting> Settings);

/// <summary>One limit and whom it holds up right now.</summary>
/// <param name="Per"><c>user</c>, <c>connection</c>, <c>address</c> or <c>node</c>.</param>
/// <param name="Shared">Counted over all replicas.</param>
/// <param name="Keys">Whoever is not at rest.</param>
/// <param name="Refused">Calls refused since the replica's start.</param>
/// <param name="Limited">Whose next call would be refused, those who wait longest first; at most 20.</param>
public sealed record LimitState(string Name, long Permits, double WindowSeconds, long AtOnce, string Per, bool Shared, int Keys, long Refused, IReadOnlyList<LimitedKey> Limited);

public sealed record LimitedKey(string Key, int RetryAfterMs);

/// <param name="Value">In force.</param>
/// <param name="Configured">What the configuration says.</param>
/// <param name="ChangedBy">Who changed it at run time; absent: nobody.</param>
public sealed record LimitSetting(string Name, long Value, long Configured, string? ChangedBy = null, DateTimeOffset? ChangedAt = null);

/// <summary>Body of <c>PUT /api/limits/settings/{name}</c>.</summary>
public sealed record SetLimitRequest(long? Value);

/// <summary>Body of <c>POST /api/limits/{name}/release</c>.</summary>
public sealed record ReleaseLimitedRequest(string? Key);
