using System.Collections.Immutable;
using Realtime.Contracts;

namespace Realtime.ServiceDefaults.CrashSafety;

/// <summary>
/// What this process did last: one ring of <see cref="Capacity"/> actions, written at every state change, read by crash reports and
/// the console. Costs no lock and no allocation; strings are referenced, not copied, so pass ones that exist anyway.
/// Never pass secrets or message texts: the log leaves the process in crash reports.
/// </summary>
public static class ActionLog
{
    public const int Capacity = 4096;

    /// <summary>Debug mode is for a handful of named components; more are refused.</summary>
    public const int MaxDebugComponents = 64;

    static readonly ActionRing Ring = new(Capacity, TimeProvider.System);
    static ImmutableHashSet<string> _debug = [];

    /// <summary>Entries recorded since the process started, overwritten ones included.</summary>
    public static long Count => Ring.Written;

    /// <summary>Sets the clock entries are stamped with (once, at start).</summary>
    public static void UseTime(TimeProvider time) => Ring.UseTime(time);

    public static void Record(string component, string action, string? user = null, string? room = null, string? detail = null) =>
        Ring.Write(component, action, user, room, detail, 0, hasNumber: false);

    /// <summary>As the other, with a number as detail: no string has to be made for it.</summary>
    public static void Record(string component, string action, long detail, string? user = null, string? room = null) =>
        Ring.Write(component, action, user, room, null, detail, hasNumber: true);

    /// <summary>Records only while the component's debug mode is on: for what happens too often to be kept always.</summary>
    public static void RecordVerbose(string component, string action, string? user = null, string? room = null, string? detail = null)
    {
        if (IsDebug(component))
            Ring.Write(component, action, user, room, detail, 0, hasNumber: false);
    }

    public static bool IsDebug(string component)
    {
        var debug = Volatile.Read(ref _debug);
        return !debug.IsEmpty && debug.Contains(component);
    }

    /// <summary>Switches a component's debug mode at run time. False when <see cref="MaxDebugComponents"/> are on already.</summary>
    public static bool SetDebug(string component, bool on)
    {
        while (true)
        {
            var before = Volatile.Read(ref _debug);
            if (on && before.Count >= MaxDebugComponents && !before.Contains(component))
                return false;
            var after = on ? before.Add(component) : before.Remove(component);
            if (ReferenceEquals(after, before) || Interlocked.CompareExchange(ref _debug, after, before) == before)
                return true;
        }
    }

    /// <summary>The last <paramref name="count"/> actions, oldest first: a consistent copy.</summary>
    public static IReadOnlyList<ActionEntry> Snapshot(int count = 50) => Ring.Snapshot(count);

    /// <summary>
    /// As the other, for an incident that concerns a user or a room: on a busy server what they did before is long gone from the last few
    /// actions, so up to half of them are the last that name them.
    /// </summary>
    public static IReadOnlyList<ActionEntry> Snapshot(int count, string? user, string? room)
    {
        if (user is null && room is null)
            return Snapshot(count);
        var all = Ring.Snapshot(Capacity);
        var chosen = new bool[all.Count];
        var left = count;
        Choose(entry => (user is not null && entry.User == user) || (room is not null && entry.Room == room), count / 2);
        Choose(static _ => true, count);
        return [.. all.Where((_, index) => chosen[index])];

        void Choose(Func<ActionEntry, bool> wanted, int most)
        {
            for (var i = all.Count - 1; i >= 0 && most > 0 && left > 0; i--)
            {
                if (chosen[i] || !wanted(all[i]))
                    continue;
                chosen[i] = true;
                most--;
                left--;
            }
        }
    }
}
