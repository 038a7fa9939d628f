using Realtime.Media.Core;

namespace Realtime.Media.Isolation;

/// <summary>
/// What the datagrams of one peer say of its transport. Anybody can send damaged ones in its name, so packets are no verdicts: a second in which something came
/// that cannot be used and nothing proved authentic is one failure. Five such seconds are a peer of which nothing can be used, and no stranger makes them of one
/// that speaks, or is spoken to and reports on it.
/// </summary>
struct TransportHealth
{
    static readonly TimeSpan Window = TimeSpan.FromSeconds(1);

    Instant windowEnds;
    Instant nextProof;
    bool heard;
    long[]? failures;

    /// <summary>Its circuit waits for successes.</summary>
    public bool IsInDoubt { get; set; }

    /// <summary>Datagrams by what was wrong with them.</summary>
    public readonly IReadOnlyDictionary<string, long> Failures
    {
        get
        {
            var named = new Dictionary<string, long>();
            for (var i = 0; i < (failures?.Length ?? 0); i++)
            {
                if (failures![i] > 0) named[TransportFaults.Names[i]] = failures[i];
            }

            return named;
        }
    }

    /// <summary>Something authentic came. True: while in doubt, for the first time in a second.</summary>
    public bool Proven(Instant now)
    {
        heard = true;
        if (!IsInDoubt || now < nextProof) return false;
        nextProof = now + Window;
        return true;
    }

    /// <summary>Something came that cannot be used. True: the second before this one was a failing one.</summary>
    public bool Failed(Instant now, TransportFault fault)
    {
        failures ??= new long[TransportFaults.Names.Length];
        failures[(int)fault]++;
        if (now < windowEnds) return false;
        var isFailure = !heard && now - windowEnds < Window;
        windowEnds = now + Window;
        heard = false;
        return isFailure;
    }
}
