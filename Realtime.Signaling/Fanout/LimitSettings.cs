using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
using System.Text;
using Microsoft.Extensions.Options;
using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;
using Realtime.Signaling.RateLimits;

namespace Realtime.Signaling.Fanout;

/// <summary>
/// The limits in force: what the configuration says, and before it what operators set at run time, which every replica learns from the outbox. What is no good changes nothing.
/// </summary>
public sealed partial class LimitSettings(IConfiguration configuration, LimitOptions inForce, Limits limits, SettingStore store, TimeProvider time, ILogger<LimitSettings> log) : IOutboxConsumer
{
    public const string Changed = AuditAction.LimitChanged;

    const string Prefix = LimitOptions.Section + ":";

    static readonly IReadOnlyDictionary<string, PropertyInfo> Options =
        typeof(LimitOptions).GetProperties().Where(static property => property.CanWrite).ToDictionary(static property => property.Name, StringComparer.Ordinal);

    readonly ConcurrentDictionary<string, Setting> _set = new(StringComparer.Ordinal);
    readonly Lock _applying = new();

    public IReadOnlyList<LimitSetting> All
    {
        get
        {
            var configured = LimitSetup.Read(configuration);
            return [.. Options.Keys.Order(StringComparer.Ordinal).Select(name =>
            {
                var set = _set.GetValueOrDefault(name);
                return new LimitSetting(name, Get(inForce, name), Get(configured, name), set?.ChangedBy, set?.ChangedAt);
            })];
        }
    }

    /// <exception cref="RealtimeException"><c>notFound</c>, <c>invalid</c>; <c>unavailable</c> while Postgres is away.</exception>
    public async Task SetAsync(string name, long? value, string by, CancellationToken cancellation)
    {
        var setting = new Setting(Prefix + Known(name), (value ?? throw Invalid("A value.")).ToString(CultureInfo.InvariantCulture), by, time.GetUtcNow());
        if (Read(name, setting).Mistakes() is { Count: > 0 } mistakes)
            throw Invalid(mistakes[0]);
        await store.SetAsync(setting, Changed, cancellation);
        _set[name] = setting;
        Apply();
    }

    public async Task ResetAsync(string name, string by, CancellationToken cancellation)
    {
        if (!await store.ResetAsync(Prefix + Known(name), by, Changed, cancellation))
            throw new RealtimeException(new(ErrorCode.NotFound, "It is what the configuration says.", "name"));
        _set.TryRemove(name, out _);
        Apply();
    }

    public bool Takes(string kind) => kind == OutboxKind.Setting;

    public async Task BeginAsync(CancellationToken cancellation)
    {
        foreach (var setting in await store.AllAsync(cancellation))
            Remember(setting.Key, setting);
        Apply();
    }

    public void Take(OutboxEntry entry)
    {
        Remember(entry.Key, entry.Payload is not null && SafeJson.TryRead<Setting>(Encoding.UTF8.GetBytes(entry.Payload), out var setting) ? setting : null);
        Apply();
    }

    /// <summary>Reads everything anew and puts it in force, or leaves it as it was.</summary>
    public void Apply()
    {
        lock (_applying)
        {
            LimitOptions changed;
            try
            {
                changed = Read(null, null);
            }
            catch (OptionsValidationException exception)
            {
                LogRefused(exception.Message);
                return;
            }
            if (changed.Mistakes() is { Count: > 0 } mistakes)
            {
                LogRefused(string.Join(' ', mistakes));
                return;
            }
            inForce.Take(changed);
            limits.Change(changed);
            ActionLog.Record("limits", "changed");
        }
    }

    void Remember(string key, Setting? setting)
    {
        if (!key.StartsWith(Prefix, StringComparison.Ordinal) || !Options.ContainsKey(key[Prefix.Length..]))
            return; // Another version's.
        if (setting is null)
            _set.TryRemove(key[Prefix.Length..], out _);
        else
            _set[key[Prefix.Length..]] = setting;
    }

    LimitOptions Read(string? name, Setting? other)
    {
        var options = LimitSetup.Read(configuration);
        foreach (var (option, setting) in _set)
            Put(options, option, setting);
        if (name is not null && other is not null)
            Put(options, name, other);
        options.Complete(Environment.ProcessorCount);
        return options;
    }

    static void Put(LimitOptions options, string name, Setting setting)
    {
        var property = Options[name];
        if (!long.TryParse(setting.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
            return;
        property.SetValue(options, property.PropertyType == typeof(long) ? value : (object)(int)Math.Clamp(value, int.MinValue, int.MaxValue));
    }

    static long Get(LimitOptions options, string name) => Convert.ToInt64(Options[name].GetValue(options), CultureInfo.InvariantCulture);

    static string Known(string name) => Options.ContainsKey(name) ? name : throw new RealtimeException(new(ErrorCode.NotFound, "There is no such limit.", "name"));

    static RealtimeException Invalid(string message) => new(new(ErrorCode.Invalid, message, "value"));

    [LoggerMessage(Level = LogLevel.Error, Message = "The changed limits are no good, the old ones stay in force: {Mistakes}")]
    partial void LogRefused(string mistakes);
}
