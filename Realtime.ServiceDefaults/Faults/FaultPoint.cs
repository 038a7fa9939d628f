using System.Runtime.CompilerServices;

namespace Realtime.ServiceDefaults.Faults;

/// <summary>
/// A place where faults can be injected. One volatile read while injection is off, which is always in Production.
/// Put one at each edge: a hub call, a peer's receive path, a dependency call.
/// </summary>
public static class FaultPoint
{
    static readonly Lock Gate = new();
    static volatile bool _armed;

    /// <summary>A process has one host, but the tests' has several at a time.</summary>
    static volatile FaultInjector[] _injectors = [];

    /// <summary>True while any rule stands: the console shows it.</summary>
    public static bool Armed => _armed;

    /// <summary>May throw, refuse, or block for the rule's delay (so not where a thread pool thread matters: use <see cref="HitAsync"/>).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Hit(string component, string action, string? user = null, string? room = null)
    {
        if (_armed)
            HitAll(component, action, user, room);
    }

    /// <summary>As <see cref="Hit"/>; a delay is awaited.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ValueTask HitAsync(string component, string action, string? user = null, string? room = null, CancellationToken cancellation = default) =>
        _armed ? HitAllAsync(component, action, user, room, cancellation) : default;

    internal static void Arm(FaultInjector injector)
    {
        lock (Gate)
        {
            if (!_injectors.Contains(injector))
                _injectors = [.. _injectors, injector];
            _armed = true;
        }
    }

    internal static void Disarm(FaultInjector injector)
    {
        lock (Gate)
        {
            _injectors = [.. _injectors.Where(one => one != injector)];
            _armed = _injectors.Length > 0;
        }
    }

    static void HitAll(string component, string action, string? user, string? room)
    {
        foreach (var injector in _injectors)
            injector.Hit(component, action, user, room);
    }

    static async ValueTask HitAllAsync(string component, string action, string? user, string? room, CancellationToken cancellation)
    {
        foreach (var injector in _injectors)
            await injector.HitAsync(component, action, user, room, cancellation);
    }
}
