using System.Collections.Concurrent;
using System.Threading.Channels;
using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;
using Realtime.Signaling.RateLimits;

namespace Realtime.Signaling.Auth;

/// <summary>
/// Who is kept out for a time, known on every replica: in force here at once, everywhere as soon as Postgres has it and the outbox tells. Comes to its end by itself, or by
/// an operator's hand.
/// </summary>
public sealed class Quarantines(QuarantineStore store, LimitOptions options, Supervisor supervisor) : SupervisedService(supervisor, "auth.quarantines"), IOutboxConsumer
{
    /// <summary>Entries remembered; when full, new ones are not made (each connection is still closed by itself).</summary>
    public const int MaxEntries = 10_000;

    /// <summary>What waits for Postgres; beyond that it holds on this replica alone.</summary>
    const int MaxUnwritten = 256;

    static readonly TimeSpan AtMost = TimeSpan.FromHours(1);
    static readonly TimeSpan RetryEvery = TimeSpan.FromSeconds(1);

    /// <summary>Who comes back within this time is kept out longer.</summary>
    static readonly TimeSpan Remembered = TimeSpan.FromDays(1);

    readonly ConcurrentDictionary<(string Kind, string Key), QuarantineInfo> _entries = [];
    readonly Channel<QuarantineInfo> _unwritten = System.Threading.Channels.Channel.CreateBounded<QuarantineInfo>(MaxUnwritten);
    long _made;

    /// <summary>Made here since the start, for metrics.</summary>
    public long Made => Volatile.Read(ref _made);

    public IReadOnlyList<QuarantineInfo> InForce
    {
        get
        {
            var now = Time.GetUtcNow();
            return [.. _entries.Values.Where(entry => entry.Until > now).OrderByDescending(static entry => entry.Since)];
        }
    }

    /// <summary>Null: not kept out.</summary>
    public QuarantineInfo? Find(string kind, string key) => _entries.TryGetValue((kind, key), out var entry) && entry.Until > Time.GetUtcNow() ? entry : null;

    /// <summary>What one who is kept out is told; null when nobody is.</summary>
    public RealtimeError? Refuse(string kind, string key) => Find(kind, key) is { } entry
        ? new(ErrorCode.RateLimited, $"Kept out for a time: {entry.Reason}.", RetryAfterMs: (int)Math.Ceiling((entry.Until - Time.GetUtcNow()).TotalMilliseconds), Incident: entry.Incident, Scope: LimitName.Quarantine)
        : null;

    /// <summary>Keeps somebody out from now on, twice as long as the last time.</summary>
    public QuarantineInfo? Add(string kind, string key, string reason, string? incident = null)
    {
        var now = Time.GetUtcNow();
        var known = _entries.GetValueOrDefault((kind, key));
        if (known is not null && known.Until > now)
            return known;
        // Addresses can be had by the thousand: they never take the last places.
        if (known is null && _entries.Count >= (kind == QuarantineKind.User ? MaxEntries : MaxEntries / 2))
            return null;
        var times = known is not null && now - known.Until < Remembered ? known.Times + 1 : 1;
        var lasts = TimeSpan.FromMinutes(options.QuarantineMinutes) * Math.Pow(2, Math.Min(times - 1, 10));
        var entry = new QuarantineInfo(kind, key, reason, now, now + (lasts < AtMost ? lasts : AtMost), times, incident);
        _entries[(kind, key)] = entry;
        Interlocked.Increment(ref _made);
        ActionLog.Record(Name, kind, kind == QuarantineKind.User ? key : null, detail: reason);
        if (!_unwritten.Writer.TryWrite(entry))
            ActionLog.Record(Name, "onlyHere", kind == QuarantineKind.User ? key : null);
        return entry;
    }

    /// <summary>Lets somebody in again, everywhere.</summary>
    /// <returns>False: nobody of that name is kept out.</returns>
    public async Task<bool> LiftAsync(string kind, string key, CancellationToken cancellation)
    {
        var here = _entries.TryRemove((kind, key), out _);
        var stored = await store.LiftAsync(kind, key, cancellation);
        if (here || stored)
            ActionLog.Record(Name, "lifted", kind == QuarantineKind.User ? key : null);
        return here || stored;
    }

    public bool Takes(string kind) => kind == OutboxKind.Quarantine;

    public async Task BeginAsync(CancellationToken cancellation)
    {
        foreach (var entry in await store.AllAsync(cancellation))
            Take(entry);
    }

    public void Take(OutboxEntry entry)
    {
        if (entry.Payload is not null)
        {
            if (SafeJson.TryRead<QuarantineInfo>(System.Text.Encoding.UTF8.GetBytes(entry.Payload), out var info))
                Take(info);
            return;
        }
        var colon = entry.Key.IndexOf(':');
        if (colon > 0)
            _entries.TryRemove((entry.Key[..colon], entry.Key[(colon + 1)..]), out _);
    }

    protected override async Task RunLoopAsync(CancellationToken stopping)
    {
        while (await _unwritten.Reader.WaitToReadAsync(stopping))
        {
            while (_unwritten.Reader.TryPeek(out var entry))
            {
                Sweep();
                // Lifted or over before it was written: nothing to tell.
                if (Find(entry.Kind, entry.Key) == entry && !await TryWriteAsync(entry, stopping))
                {
                    await Task.Delay(RetryEvery, Time, stopping);
                    continue;
                }
                _unwritten.Reader.TryRead(out _);
            }
        }
    }

    async Task<bool> TryWriteAsync(QuarantineInfo entry, CancellationToken stopping)
    {
        try
        {
            await store.AddAsync(entry, stopping);
            return true;
        }
        catch (RealtimeException)
        {
            // The database is away; the entry holds here meanwhile.
            ActionLog.RecordVerbose(Name, "writtenLater");
            return false;
        }
    }

    void Take(QuarantineInfo entry)
    {
        // What other replicas made, each within its own bound.
        if (_entries.Count >= MaxEntries * 2)
            return;
        _entries.AddOrUpdate((entry.Kind, entry.Key), entry, (_, known) => known.Until >= entry.Until ? known : entry);
    }

    void Sweep()
    {
        var now = Time.GetUtcNow();
        foreach (var (key, entry) in _entries)
        {
            if (now - entry.Until > Remembered)
                _entries.TryRemove(new(key, entry));
        }
    }
}
