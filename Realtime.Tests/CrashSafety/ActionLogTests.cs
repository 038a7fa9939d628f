using System.Diagnostics;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Tests.Harness;
using Xunit;

namespace Realtime.Tests.CrashSafety;

public class ActionLogTests
{
    [Fact]
    public void Recording_allocates_nothing()
    {
        using var source = new Activity("action").Start();
        ActionLog.Record("allocation", "warm", "user", "room", "detail");
        ActionLog.Record("allocation", "warm", 1, "user", "room");
        ActionLog.RecordVerbose("allocation", "warm");
        Assert.Equal(0, Allocation.Of(static () =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                ActionLog.Record("allocation", "text", "user", "room", "detail");
                ActionLog.Record("allocation", "number", i, "user", "room");
                ActionLog.RecordVerbose("allocation", "silent");
            }
        }));
    }

    [Fact]
    public void Keeps_the_last_entries_in_order_with_everything_said()
    {
        var time = new ManualTime();
        var ring = new ActionRing(8, time);
        var start = time.GetUtcNow();
        for (var i = 0; i < 20; i++)
        {
            ring.Write("c", "a", "u", "r", null, i, hasNumber: true);
            time.Advance(TimeSpan.FromSeconds(1));
        }
        ring.Write("c", "b", null, null, "text", 0, hasNumber: false);

        var all = ring.Snapshot(100);
        Assert.Equal(["13", "14", "15", "16", "17", "18", "19", "text"], all.Select(entry => entry.Detail));
        Assert.Equal(start + TimeSpan.FromSeconds(13), all[0].Time);
        Assert.Equal(("c", "a", "u", "r", Environment.CurrentManagedThreadId), (all[0].Component, all[0].Action, all[0].User, all[0].Room, all[0].Thread));
        Assert.Equal(["19", "text"], ring.Snapshot(2).Select(entry => entry.Detail));
        Assert.Equal(21, ring.Written);
    }

    [Fact]
    public void Carries_the_trace_it_was_recorded_in()
    {
        var ring = new ActionRing(8, new ManualTime());
        using var activity = new Activity("work").SetIdFormat(ActivityIdFormat.W3C).Start();
        ring.Write("c", "a", null, null, null, 0, hasNumber: false);
        Assert.Equal(activity.TraceId.ToHexString(), Assert.Single(ring.Snapshot(1)).TraceId);
    }

    /// <summary>Each writer's entries carry the same mark in every field: a torn copy would mix two marks.</summary>
    [Fact]
    public async Task Readers_see_whole_entries_while_writers_race()
    {
        const int Writers = 4, Each = 200_000;
        var ring = new ActionRing(64, TimeProvider.System);
        var marks = Enumerable.Range(0, 64).Select(i => i.ToString()).ToArray();
        var done = 0;
        var writers = Enumerable.Range(0, Writers).Select(writer => Task.Run(() =>
        {
            for (var i = 0; i < Each; i++)
            {
                var mark = marks[(writer * 16) + (i & 15)];
                ring.Write(mark, mark, mark, mark, mark, 0, hasNumber: false);
            }
            Interlocked.Increment(ref done);
        })).ToArray();

        var seen = 0L;
        while (Volatile.Read(ref done) < Writers)
        {
            foreach (var entry in ring.Snapshot(64))
            {
                Assert.True(entry.Component == entry.Action && entry.Action == entry.User && entry.User == entry.Room && entry.Room == entry.Detail, $"torn: {entry}");
                seen++;
            }
        }
        await Task.WhenAll(writers).WaitAsync(ManualTime.Patience);
        Assert.Equal(Writers * Each, ring.Written);
        Assert.True(ring.Snapshot(64).Count + ring.Dropped >= 64, "entries vanished that no writer gave up");
        Assert.True(seen > 0, "the reader never read");
    }

    [Fact]
    public void Debug_mode_is_per_component_and_bounded()
    {
        Assert.False(ActionLog.IsDebug("debugged"));
        var before = ActionLog.Count;
        ActionLog.RecordVerbose("debugged", "quiet");
        Assert.True(ActionLog.SetDebug("debugged", true));
        ActionLog.RecordVerbose("debugged", "loud", detail: "now");
        Assert.Contains(ActionLog.Snapshot(ActionLog.Capacity), entry => entry is { Component: "debugged", Action: "loud", Detail: "now" });
        Assert.DoesNotContain(ActionLog.Snapshot(ActionLog.Capacity), entry => entry is { Component: "debugged", Action: "quiet" });
        Assert.True(ActionLog.Count > before);

        var added = Enumerable.Range(0, ActionLog.MaxDebugComponents + 5).Select(i => $"debug{i}").TakeWhile(name => ActionLog.SetDebug(name, true)).ToList();
        Assert.True(added.Count < ActionLog.MaxDebugComponents + 5);
        foreach (var name in added.Append("debugged"))
            ActionLog.SetDebug(name, false);
        Assert.False(ActionLog.IsDebug("debugged"));
    }

    [Fact]
    public void AnIncidentsActions_KeepThoseOfItsUserAndRoom_HoweverBusyTheOthersAre()
    {
        var user = $"user-{Guid.NewGuid():N}";
        var room = $"room-{Guid.NewGuid():N}";
        for (var i = 0; i < 30; i++)
        {
            ActionLog.Record("incident", "mine", i, user, "elsewhere");
            ActionLog.Record("incident", "ours", i, "somebody", room);
        }
        for (var i = 0; i < 100; i++)
            ActionLog.Record("incident", "others", i, "somebody", "elsewhere");

        var actions = ActionLog.Snapshot(50, user, room);
        Assert.Equal(50, actions.Count);
        var concerned = actions.Where(action => action.User == user || action.Room == room).ToList();
        Assert.Equal(25, concerned.Count);
        Assert.Equal("29", concerned[^1].Detail);
        Assert.Equal(actions.OrderBy(static action => action.Time), actions);
        Assert.Equal(10, ActionLog.Snapshot(10).Count);
        Assert.Equal(10, ActionLog.Snapshot(10, null, null).Count);
    }
}
