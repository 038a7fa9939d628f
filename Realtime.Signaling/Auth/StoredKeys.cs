using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;
using Realtime.Signaling.Fanout;

namespace Realtime.Signaling.Auth;

/// <summary>
/// The API keys that operators made: sealed in Postgres, open in the memory of every replica, changed everywhere as soon as the outbox tells. A secret is shown once, to
/// whoever had it made.
/// </summary>
public sealed partial class StoredKeys(
    ApiKeyStore store, KeyRing keys, AuthCircuit circuit, RedisNews redis, IOptionsMonitor<AuthOptions> options, Supervisor supervisor, ILogger<StoredKeys> log)
    : SupervisedService(supervisor, "auth.keys"), IOutboxConsumer
{
    const int SecretBytes = 32;
    const int MaxIdLength = 64;

    static readonly TimeSpan RetryEvery = TimeSpan.FromSeconds(1);

    readonly SemaphoreSlim _changed = new(0);

    public async Task<IReadOnlyList<ApiKeyInfo>> ListAsync(CancellationToken cancellation) =>
        [.. (await store.AllAsync(cancellation)).Select(static row => new ApiKeyInfo(row.Id, row.Secrets.Length, row.CreatedAt, row.RotatedAt))];

    public async Task<ApiKeySecret> CreateAsync(string? id, CancellationToken cancellation)
    {
        var name = id ?? "k" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
        if (name.Length is 0 or > MaxIdLength || !name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
            throw new RealtimeException(new(ErrorCode.Invalid, $"A key's id has 1 to {MaxIdLength} of A-Z a-z 0-9 . _ -", "id"));
        if (keys.IsConfigured(name))
            throw new RealtimeException(new(ErrorCode.Conflict, "The configuration has a key of that id.", "id"));
        var secret = NewSecret();
        if (!await store.AddAsync(name, Seal(name, secret), cancellation))
            throw new RealtimeException(new(ErrorCode.Conflict, $"There is a key of that id, or there are {ApiKeyStore.MaxKeys}.", "id"));
        Changed("keyCreated");
        return new ApiKeySecret(name, secret);
    }

    public async Task<ApiKeySecret> RotateAsync(string id, CancellationToken cancellation)
    {
        var secret = NewSecret();
        if (!await store.RotateAsync(id, Seal(id, secret), cancellation))
            throw NotFound();
        Changed("keyRotated");
        return new ApiKeySecret(id, secret);
    }

    public async Task RetireAsync(string id, CancellationToken cancellation)
    {
        if (!await store.RetireAsync(id, cancellation))
            throw NotFound();
        Changed("keyRetired");
    }

    public async Task DeleteAsync(string id, string by, CancellationToken cancellation)
    {
        if (!await store.DeleteAsync(id, by, cancellation))
            throw NotFound();
        Changed("keyDeleted");
    }

    public bool Takes(string kind) => kind == OutboxKind.Keys;

    public Task BeginAsync(CancellationToken cancellation) => LoadAsync(cancellation);

    public void Take(OutboxEntry entry) => _changed.Release();

    protected override async Task RunLoopAsync(CancellationToken stopping)
    {
        while (true)
        {
            await _changed.WaitAsync(stopping);
            while (_changed.Wait(0, stopping))
            {
                // One look serves all that were asked for.
            }
            while (!await TryLoadAsync(stopping))
                await Task.Delay(RetryEvery, Time, stopping);
        }
    }

    async Task<bool> TryLoadAsync(CancellationToken stopping)
    {
        try
        {
            await LoadAsync(stopping);
            return true;
        }
        catch (Exception exception) when (exception is RealtimeException or CircuitOpenException or TimeoutException)
        {
            // The database is away, or the circuit refuses: what is known stays in force.
            ActionLog.RecordVerbose(Name, "later");
            return false;
        }
    }

    async Task LoadAsync(CancellationToken cancellation)
    {
        var rows = await circuit.Circuit.ExecuteAsync(async token => await store.AllAsync(token), cancellation);
        var known = new Dictionary<string, byte[][]>(StringComparer.Ordinal);
        foreach (var row in rows)
        {
            var opened = row.Secrets.Select(one => MasterKey is { } master && SealedSecret.TryOpen(master, row.Id, one, out var secret) ? secret : []).Where(static secret => secret.Length > 0).ToArray();
            if (opened.Length < row.Secrets.Length)
                LogSealed(row.Id);
            if (opened.Length > 0)
                known[row.Id] = opened;
        }
        keys.SetStored(known);
    }

    byte[]? MasterKey => options.CurrentValue.MasterKey is { Length: > 0 } text ? Convert.FromBase64String(text) : null;

    byte[] Seal(string id, string secret) => SealedSecret.Seal(
        MasterKey ?? throw new RealtimeException(new(ErrorCode.Conflict, "Keys can be stored when Auth:MasterKey is configured.")), id, Encoding.UTF8.GetBytes(secret));

    void Changed(string action)
    {
        ActionLog.Record(Name, action);
        _changed.Release();
        redis.Nudge();
    }

    static string NewSecret() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(SecretBytes));

    static RealtimeException NotFound() => new(new(ErrorCode.NotFound, "There is no such key among the stored ones.", "id"));

    public override void Dispose()
    {
        _changed.Dispose();
        base.Dispose();
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The stored API key {Key} cannot be opened with Auth:MasterKey and is not in force")]
    partial void LogSealed(string key);
}
