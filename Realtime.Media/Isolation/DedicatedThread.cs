using Realtime.ServiceDefaults.CrashSafety;

namespace Realtime.Media.Isolation;

/// <summary>Runs a supervised loop on a thread of its own: media waits for sockets, never for a free pool thread.</summary>
static class DedicatedThread
{
    /// <summary>Ends as the loop ends: well, or with its exception.</summary>
    /// <param name="stop">Called once when the host stops; makes the loop return.</param>
    public static async Task RunAsync(string name, Action loop, Action stop, CancellationToken stopping)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = stopping.Register(stop);
        // AboveNormal is for Windows and macOS.
        new Thread(Run) { Name = name, IsBackground = true, Priority = ThreadPriority.AboveNormal }.Start();
        await ended.Task;

        void Run()
        {
            try
            {
                ActionLog.RecordVerbose("media", "threadPriority", detail: ThreadUrgency.TryRaise() ? $"{name} raised" : $"{name} as others");
                loop();
                ended.SetResult();
            }
            catch (Exception exception)
            {
                // The supervisor reports it and starts the loop again.
                ended.SetException(exception);
            }
        }
    }
}
