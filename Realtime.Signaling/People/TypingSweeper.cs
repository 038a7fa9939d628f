using System.Globalization;
using Realtime.ServiceDefaults.CrashSafety;

namespace Realtime.Signaling.People;

/// <summary>Every minute: who was said to type, and whose time is over.</summary>
public sealed class TypingSweeper(TypingService typing, Supervisor supervisor) : SupervisedTicker(supervisor, TimeSpan.FromMinutes(1), "people.typingSweeper")
{
    protected override Task TickAsync(CancellationToken stopping)
    {
        var over = typing.Sweep();
        if (over > 0)
            ActionLog.RecordVerbose(Name, "over", detail: over.ToString(CultureInfo.InvariantCulture));
        return Task.CompletedTask;
    }
}
