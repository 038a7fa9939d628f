namespace Realtime.Media.Control;

/// <summary>
/// The last answers by command id, so that a command sent twice is executed once. A repetition that comes while the first is still
/// running waits for the same answer; one that was told to come later is executed then. Bounded by count and by bytes: the oldest answers go first.
/// </summary>
public sealed class CommandCache
{
    public const int Capacity = 4096;

    /// <summary>Answers to large offers are about 100 KB.</summary>
    const long MaxBytes = 64 << 20;

    readonly Lock gate = new();
    readonly Dictionary<string, Task<ControlAnswer>> answers = [];
    readonly Queue<string> order = new();
    long bytes;

    public Task<ControlAnswer> GetOrRun(string commandId, Func<Task<ControlAnswer>> run)
    {
        lock (gate)
        {
            if (answers.TryGetValue(commandId, out var known)) return known;
            // By the order: an id whose command failed stays in it without an answer.
            while (order.Count >= Capacity || (bytes > MaxBytes && order.Count > 0)) Evict();
            var answer = RunAsync(commandId, run);
            answers.Add(commandId, answer);
            order.Enqueue(commandId);
            return answer;
        }
    }

    async Task<ControlAnswer> RunAsync(string commandId, Func<Task<ControlAnswer>> run)
    {
        // Off the caller's lock.
        await Task.Yield();
        try
        {
            var answer = await run();
            if (answer.IsFinal) Interlocked.Add(ref bytes, answer.Body.Length);
            else Forget(commandId);
            return answer;
        }
        catch (Exception)
        {
            // It was not executed, or not to its end: a repetition may try again.
            Forget(commandId);
            throw;
        }
    }

    void Forget(string commandId)
    {
        lock (gate) answers.Remove(commandId);
    }

    void Evict()
    {
        if (!order.TryDequeue(out var oldest) || !answers.Remove(oldest, out var answer)) return;
        if (answer.IsCompletedSuccessfully) Interlocked.Add(ref bytes, -answer.Result.Body.Length);
    }
}
