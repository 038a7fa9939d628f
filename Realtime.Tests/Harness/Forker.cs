using System.Collections.Concurrent;

namespace Realtime.Tests.Harness;

/// <summary>
/// One thread that lives as long as the process and starts all child processes: Linux sends the parent-death signal when
/// the <i>thread</i> that forked ends (prctl(2), PR_SET_PDEATHSIG).
/// </summary>
internal static class Forker
{
    static readonly BlockingCollection<Action> s_work = new(boundedCapacity: 64);

    static Forker() => new Thread(() =>
    {
        foreach (var action in s_work.GetConsumingEnumerable())
            action();
    })
    { IsBackground = true, Name = "forker" }.Start();

    public static T Run<T>(Func<T> work)
    {
        var result = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        s_work.Add(() =>
        {
            try
            {
                result.SetResult(work());
            }
            catch (Exception exception)
            {
                result.SetException(exception);
            }
        });
        return result.Task.GetAwaiter().GetResult();
    }
}
