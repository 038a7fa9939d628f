using Realtime.Contracts;
using Realtime.Signaling.Moderation;
using Realtime.Tests.Harness;

namespace Realtime.Tests.Chaos;

/// <summary>What people do besides writing in channels: pairs talk directly, everybody shows how they are, and is in a call, leaves and comes back.</summary>
sealed class PeopleWorkload(IReadOnlyList<NativeClient> people, string room, int seed)
{
    static readonly string[] s_statuses = [PresenceStatus.Online, PresenceStatus.Idle, PresenceStatus.DoNotDisturb];

    readonly Pace _pace = new(seed);
    readonly List<Task> _sent = [];
    int _texts;

    /// <summary>Nobody joins a direct channel: the first message makes it, and its members follow it.</summary>
    public async Task StartAsync(CancellationToken cancellation)
    {
        foreach (var (one, other) in Pairs())
        {
            one.Chat.Follow(DirectOf(one, other));
            other.Chat.Follow(DirectOf(one, other));
            await one.Chat.SendDirectAsync(other.User, DirectOf(one, other), "first", cancellation);
        }
        foreach (var person in people)
            await TryAsync(person, "JoinRoom", new JoinRoomRequest(room), cancellation);
    }

    public Task RunAsync(CancellationToken until) => Task.WhenAll(people.Select(person => LiveAsync(person, until)).Append(TalkAsync(until)));

    public Task SettledAsync() => Task.WhenAll(_sent).ContinueWith(static _ => { }, TaskScheduler.Default);

    async Task TalkAsync(CancellationToken until)
    {
        var pairs = Pairs().ToList();
        while (await _pace.PauseAsync(0.4, 1.2, until))
        {
            var (one, other) = pairs[_texts % pairs.Count];
            var sender = _texts / pairs.Count % 2 == 0 ? one : other;
            if (!sender.IsDead)
                _sent.Add(sender.Chat.SendAsync(DirectOf(one, other), $"between us {_texts}", CancellationToken.None));
            _texts++;
        }
    }

    async Task LiveAsync(NativeClient person, CancellationToken until)
    {
        while (await _pace.PauseAsync(6, 10, until) && !person.IsDead)
        {
            await TryAsync(person, "SetPresence", new SetPresenceRequest(s_statuses[_pace.Next(s_statuses.Length)]), until);
            if (_pace.Next(3) == 0)
                await TryAsync(person, "LeaveRoom", new LeaveRoomRequest(room), until);
            await TryAsync(person, "JoinRoom", new JoinRoomRequest(room), until);
        }
    }

    IEnumerable<(NativeClient One, NativeClient Other)> Pairs() => people.Zip(people.Skip(1)).Where((_, i) => i % 2 == 0);

    static string DirectOf(NativeClient one, NativeClient other) => DirectName.Of([one.User, other.User]);

    /// <summary>Once, on the connection of the moment; whatever comes of it.</summary>
    static async Task TryAsync(NativeClient person, string method, object request, CancellationToken cancellation)
    {
        try
        {
            var hub = await person.Chat.OnlineAsync(cancellation);
            await hub.InvokeAsync<System.Text.Json.JsonElement>(method, request, cancellation);
        }
        catch (Exception failure) when (failure is HubCallException or HubConnectionException or OperationCanceledException)
        {
            // The faults' doing.
            return;
        }
    }
}
