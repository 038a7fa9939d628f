using System.Diagnostics;
using Realtime.ServiceDefaults.CrashSafety;

namespace Realtime.ServiceDefaults.Faults;

/// <summary>Holds the rules and decides. Registered only with <c>Faults:Enabled</c>, which refuses to start in Production.</summary>
public sealed class FaultInjector(TimeProvider time, Random random)
{
    /// <summary>Rules at once; more are refused.</summary>
    public const int MaxRules = 64;
    public const int MaxDelayMs = 10_000;

    sealed class Armed(FaultRule rule)
    {
        public FaultRule Rule { get; } = rule;
        public int Left = rule.Count ?? int.MaxValue;
        public long Hits;
    }

    readonly Lock _gate = new();
    volatile Armed[] _rules = [];

    /// <summary>Rules that stand, with how often each struck.</summary>
    public IReadOnlyList<(FaultRule Rule, long Hits)> Rules => [.. _rules.Select(static armed => (armed.Rule, Volatile.Read(ref armed.Hits)))];

    /// <returns>Null when it was added, otherwise what is wrong with it.</returns>
    public string? Add(FaultRule rule)
    {
        if (string.IsNullOrEmpty(rule.Component))
            return "component is required";
        if (rule.Percent is < 0 or > 100 or double.NaN)
            return "percent is between 0 and 100";
        if (rule.Count is <= 0)
            return "count is positive";
        if (rule.Kind == FaultKind.Delay != rule.DelayMs is > 0 and <= MaxDelayMs)
            return $"delayMs goes with kind delay and is between 1 and {MaxDelayMs}";
        lock (_gate)
        {
            if (_rules.Length >= MaxRules)
                return $"{MaxRules} rules stand already";
            _rules = [.. _rules, new Armed(rule)];
            FaultPoint.Arm(this);
        }
        return null;
    }

    /// <summary>Takes all rules back.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _rules = [];
            FaultPoint.Disarm(this);
        }
    }

    internal void Hit(string component, string action, string? user, string? room)
    {
        var delay = Strike(component, action, user, room);
        if (delay > 0)
            Thread.Sleep(delay);
    }

    internal async ValueTask HitAsync(string component, string action, string? user, string? room, CancellationToken cancellation)
    {
        var delay = Strike(component, action, user, room);
        if (delay > 0)
            await Task.Delay(TimeSpan.FromMilliseconds(delay), time, cancellation);
    }

    /// <returns>Milliseconds to wait.</returns>
    int Strike(string component, string action, string? user, string? room)
    {
        foreach (var armed in _rules)
        {
            var rule = armed.Rule;
            if (rule.Component != component || !Matches(rule.Action, action) || !Matches(rule.User, user) || !Matches(rule.Room, room) || !Chosen(rule) || !Take(armed))
                continue;
            ActionLog.Record("faults", "injected", user, room, component);
            CrashSafetyMetrics.FaultsInjected.Add(1);
            switch (rule.Kind)
            {
                case FaultKind.Throw:
                    throw new InjectedFaultException(component, action);
                case FaultKind.Refuse:
                    throw new InjectedRefusalException(component, action);
                case FaultKind.Kill:
                    Process.GetCurrentProcess().Kill();
                    return 0;
                case FaultKind.Delay:
                    return rule.DelayMs ?? 0;
            }
        }
        return 0;
    }

    static bool Matches(string? wanted, string? given) => wanted is null || wanted == given;

    bool Chosen(FaultRule rule)
    {
        if (rule.Percent is not { } percent)
            return true;
        lock (_gate)
            return random.NextDouble() * 100 < percent;
    }

    static bool Take(Armed armed)
    {
        if (armed.Rule.Count is not null && Interlocked.Decrement(ref armed.Left) < 0)
        {
            Volatile.Write(ref armed.Left, 0);
            return false;
        }
        Interlocked.Increment(ref armed.Hits);
        return true;
    }
}
