using System.Collections.Concurrent;
using Realtime.Signaling.Data;

namespace Realtime.Signaling.Auth;

/// <summary>
/// What was revoked, in memory on every replica: read once from Postgres, then kept by the outbox tail, so that it takes effect within a second or two
/// with or without Redis.
/// </summary>
public sealed class Revocations(RevocationStore store, TimeProvider time) : IOutboxConsumer
{
    /// <summary>Entries remembered; beyond that the ones that end first go.</summary>
    public const int MaxEntries = 200_000;

    readonly ConcurrentDictionary<(bool IsUser, string Key), Revocation> _entries = [];

    /// <summary>Raised for each new entry, on the tail's thread: be short.</summary>
    public event Action<Revocation>? Added;

    public bool IsRevoked(UserToken token) =>
        (token.Id.Length > 0 && _entries.ContainsKey((false, token.Id)))
        // iat counts seconds: what was issued in the second of the revocation is void too.
        || (_entries.TryGetValue((true, token.User), out var user) && token.IssuedAt.ToUnixTimeSeconds() <= user.IssuedBefore.ToUnixTimeSeconds());

    public bool Takes(string kind) => kind == OutboxKind.Revoked;

    public async Task BeginAsync(CancellationToken cancellation)
    {
        foreach (var revocation in await store.AllAsync(cancellation))
            Add(revocation);
    }

    public void Take(OutboxEntry entry)
    {
        if (entry.Payload?.Split(' ') is not [var before, var until] || !long.TryParse(before, out var issuedBefore) || !long.TryParse(until, out var expires))
            return;
        Add(new Revocation(entry.Number == 1, entry.Key, DateTimeOffset.FromUnixTimeMilliseconds(issuedBefore), DateTimeOffset.FromUnixTimeMilliseconds(expires)));
    }

    /// <summary>Forgets what no longer matters.</summary>
    public void Sweep()
    {
        var now = time.GetUtcNow();
        foreach (var (key, entry) in _entries)
        {
            if (entry.ExpiresAt < now)
                _entries.TryRemove(new(key, entry));
        }
        foreach (var (key, _) in _entries.OrderBy(static one => one.Value.ExpiresAt).Take(Math.Max(0, _entries.Count - MaxEntries)))
            _entries.TryRemove(key, out _);
    }

    void Add(Revocation revocation)
    {
        var key = (revocation.IsUser, revocation.Key);
        if (_entries.TryGetValue(key, out var known) && known.IssuedBefore >= revocation.IssuedBefore)
            return;
        _entries[key] = revocation;
        Added?.Invoke(revocation);
    }
}
