using Realtime.Tests.Harness;

namespace Realtime.Tests.Chaos;

/// <summary>
/// A moderator throws somebody out of a channel again and again, and lets them in again, while others write there: what is written after a ban must not reach the banned, by no way. What is
/// asked for comes from the seed, not when.
/// </summary>
sealed class BanWorkload(ChatClient moderator, ChatClient target, IReadOnlyList<ChatClient> talkers, string channel, int bans, int seed)
{
    static readonly TimeSpan s_talk = TimeSpan.FromMilliseconds(800);

    readonly Pace _pace = new(seed);
    readonly List<Task> _sent = [];
    int _texts;

    public Task JoinAsync(CancellationToken cancellation) =>
        Task.WhenAll(talkers.Append(moderator).Append(target).Distinct().Select(client => client.JoinAsync(channel, cancellation)));

    public Task RunAsync(CancellationToken until) => Task.WhenAll(BanAsync(until), TalkAsync(until));

    /// <summary>What was said is stored or refused; the one thrown out is in again.</summary>
    public async Task SettledAsync(CancellationToken cancellation)
    {
        await Task.WhenAll(_sent).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        while (!target.IsIn(channel))
            await LetInAsync(cancellation);
    }

    async Task BanAsync(CancellationToken until)
    {
        for (var i = 0; i < bans; i++)
        {
            if (!await _pace.PauseAsync(2, 4, until))
                return;
            await TryAsync(moderator.BanAsync(channel, target.Name, until));
            if (!await _pace.PauseAsync(1, 8, until))
                return;
            await TryAsync(target.ReadHistoryAsync(channel, 0, 50, until));
            if (!await _pace.PauseAsync(0, 2, until))
                return;
            await LetInAsync(until);
        }
    }

    async Task LetInAsync(CancellationToken cancellation)
    {
        // Not banned at all, when the ban had no outcome: refused, and as good.
        await TryAsync(moderator.UnbanAsync(channel, target.Name, cancellation));
        if (!target.IsIn(channel))
            await TryAsync(target.JoinAsync(channel, cancellation));
    }

    async Task TalkAsync(CancellationToken until)
    {
        while (await _pace.PauseAsync(s_talk.TotalSeconds / 2, s_talk.TotalSeconds * 1.5, until))
            _sent.Add(talkers[_texts % talkers.Count].SendAsync(channel, $"beside a ban {_texts++}", CancellationToken.None));
    }

    /// <summary>A refusal and a lost connection are outcomes like any other; what counts is what the clients recorded.</summary>
    static async Task TryAsync(Task call)
    {
        await call.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (call.Exception?.InnerException is { } failure and not (HubCallException or HubConnectionException or OperationCanceledException))
            throw new InvalidOperationException("A client of the chaos run broke.", failure);
    }
}
