using System.Runtime.CompilerServices;

namespace Realtime.ServiceDefaults.Faults;

/// <summary>
/// A place where faults can be injected. One volatile read while injection is off, which is always in Production.
/// Put one at each edge: a hub call, a peer's receive path, a dependency call.
/// </summary>
public static class FaultPoint
{
    static volatile bool _armed;
    static FaultInjector? _injector;

    /// <summary>True while any rule stands: the console shows it.</summary>
    public static bool Armed => _armed;

    /// <summary>May throw, refuse, or block for the rule's delay (so not where a thread pool thread matters: use <see cref="HitAsync"/>).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Hit(string component, string action, string? user = null, string? room = null)
    {
        if (_armed)
            Volatile.Read(ref _injector)?.Hit(component, action, user, room);
    }

    /// <summary>As <see cref="Hit"/>; a delay is awaited.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ValueTask HitAsync(string component, string action, string? user = null, string? room = null, CancellationToken cancellation = default) =>
        _armed && Volatile.Read(ref _injector) is { } injector ? injector.HitAsync(component, action, user, room, cancellation) : default;

    internal static void Arm(FaultInjector injector)
    {
        Volatile.Write(ref _injector, injector);
        _armed = true;
    }

    internal static void Disarm() => _armed = false;
}
