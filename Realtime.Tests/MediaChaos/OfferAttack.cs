using System.Net;
using System.Text;
using Realtime.Contracts;
using Realtime.Tests.Harness;
using Realtime.Tests.Media.Fuzz;
using Realtime.Tests.Media.Sdp;

namespace Realtime.Tests.MediaChaos;

/// <summary>
/// Offers by WHIP and WHEP: damaged ones, giant ones, and good ones whose sender then never says a word (half-open handshakes). Each is to be answered by 201, or
/// by a refusal with a reason.
/// </summary>
sealed class OfferAttack(RunningApp app, string room, int seed) : IMediaAttack
{
    const int Parallel = 4;
    const int OffersPerUser = 15;
    const int GiantBytes = 4 << 20;

    /// <summary>Fifty a second in all: more at once are refused by limits before they cost anything, and the machine is the attacker's as well.</summary>
    static readonly TimeSpan s_every = TimeSpan.FromMilliseconds(80);

    static readonly TimeSpan s_answerWithin = TimeSpan.FromSeconds(20);

    readonly Mutator _mutator = new(seed, [.. ChromiumOffer.Names.Select(name => Encoding.UTF8.GetBytes(ChromiumOffer.Text(name)))], maxLength: 64 << 10, isText: true);
    readonly Lock _gate = new();
    long _count;
    long _users;

    public string Name => "offers";

    public long Count => Interlocked.Read(ref _count);

    public async Task RunAsync(Violations violations, CancellationToken cancellation)
    {
        using var http = new HttpClient { Timeout = s_answerWithin };
        try
        {
            await Task.WhenAll(Enumerable.Range(0, Parallel).Select(_ => AttackAsync(http, violations, cancellation)));
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // That is how it ends.
        }
    }

    async Task AttackAsync(HttpClient http, Violations violations, CancellationToken cancellation)
    {
        using var pace = new PeriodicTimer(s_every);
        while (true)
        {
            var token = await app.TokenAsync($"{room}-attacker-{Interlocked.Increment(ref _users)}");
            for (var i = 0; i < OffersPerUser; i++)
            {
                await pace.WaitForNextTickAsync(cancellation);
                var (status, body) = await WhipRooms.PostAsync(http, app.SignalingFront, i % 2 == 0 ? JoinedVia.Whip : JoinedVia.Whep, room, token, WhipRooms.Sdp(Next()), cancellation);
                Interlocked.Increment(ref _count);
                if (status != HttpStatusCode.Created)
                    violations.Expect((int)status is >= 400 and < 500 or 503 && body.Contains("\"code\"", StringComparison.Ordinal), $"an offer was answered by {(int)status}: {Shortened(body)}");
            }
        }
    }

    string Next()
    {
        lock (_gate)
        {
            return _mutator.Random.Next(20) switch
            {
                0 => new string('a', GiantBytes),
                < 6 => ChromiumOffer.Text("recvonly"),
                _ => Encoding.UTF8.GetString(_mutator.Next()),
            };
        }
    }

    static string Shortened(string body) => body.Length <= 200 ? body : body[..200];
}
