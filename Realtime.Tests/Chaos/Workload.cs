using Realtime.Tests.Harness;

namespace Realtime.Tests.Chaos;

/// <summary>What one user does all the time: mostly write, sometimes read back, edit, remove, leave and come again. What they do comes from the seed, not when.</summary>
sealed class Workload(IChaosClient client, IReadOnlyList<string> channels, History history, TimeSpan pace, int seed)
{
    /// <summary>Calls without an outcome; more wait until one has one.</summary>
    const int MaxOpen = 4;

    readonly Random _random = new(seed);
    readonly List<string> _joined = [];
    readonly List<Task> _open = [];
    int _texts;

    public async Task JoinAsync(CancellationToken cancellation)
    {
        foreach (var channel in channels.Where((_, i) => i == 0 || _random.Next(3) > 0).ToList())
        {
            await client.JoinAsync(channel, cancellation);
            Entered(channel);
        }
    }

    /// <summary>Until told to stop; then what is open is left to end by itself.</summary>
    public async Task RunAsync(CancellationToken until)
    {
        try
        {
            while (!client.IsDead)
            {
                await Task.Delay(pace * (0.5 + _random.NextDouble()), until);
                _open.RemoveAll(static call => call.IsCompletedSuccessfully);
                while (_open.Count >= MaxOpen)
                    _open.Remove(await Task.WhenAny(_open).WaitAsync(until));
                _open.Add(StepAsync(until));
            }
        }
        catch (OperationCanceledException) when (until.IsCancellationRequested)
        {
            return;
        }
    }

    /// <summary>What was begun must end, now that nothing is in the way.</summary>
    public Task SettledAsync() => client.IsDead ? Task.CompletedTask : Task.WhenAll(_open);

    Task StepAsync(CancellationToken until)
    {
        string channel;
        int joined;
        lock (_joined)
            (channel, joined) = (_joined[_random.Next(_joined.Count)], _joined.Count);
        switch (_random.Next(100))
        {
            case < 6:
                return client.ReadAsync(channel, Math.Max(0, LastSeen(channel) - _random.Next(120)), until);
            case < 9 when joined > 1:
                lock (_joined)
                    _joined.Remove(channel);
                return LeaveAndReturnAsync(channel, until);
            case < 15 when Own(channel) is { } message:
                return client.EditAsync(channel, message, $"{client.User} edits {_texts++}", until);
            case < 18 when Own(channel) is { } message && Removed.Add(message):
                return client.RemoveAsync(channel, message, until);
            default:
                // Not cancelled: a message that was begun is sent in the end.
                return client.SendAsync(channel, $"{client.User} {_texts++}", CancellationToken.None);
        }
    }

    HashSet<string> Removed { get; } = [];

    async Task LeaveAndReturnAsync(string channel, CancellationToken until)
    {
        await client.LeaveAsync(channel, until);
        await client.JoinAsync(channel, CancellationToken.None);
        Entered(channel);
    }

    void Entered(string channel)
    {
        lock (_joined)
            _joined.Add(channel);
    }

    long LastSeen(string channel) => history.Observations.OfType<Observation.Received>().Where(received => received.Client == client.User && received.Channel == channel).Select(received => received.Seq).DefaultIfEmpty(0).Max();

    /// <summary>One of one's own last messages that was not removed.</summary>
    string? Own(string channel)
    {
        var own = history.Observations.OfType<Observation.Acknowledged>().Where(ack => ack.Client == client.User && ack.Channel == channel && !ChangeId.IsChange(ack.ClientMessageId) && !Removed.Contains(ack.Id)).TakeLast(5).ToList();
        return own.Count == 0 ? null : own[_random.Next(own.Count)].Id;
    }
}
