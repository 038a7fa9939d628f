using Realtime.Media.Core;
using Realtime.Tests.Media.Harness;

namespace Realtime.Tests.Links;

/// <summary>What a link is like, and what becomes of it: each phase begins with the one before it done.</summary>
sealed record LinkScenario(string Name, IReadOnlyList<LinkPhase> Phases)
{
    static readonly TimeSpan s_near = TimeSpan.FromMilliseconds(20);

    /// <summary>Those of the README: on the link of one who watches.</summary>
    public static IReadOnlyList<LinkScenario> All { get; } =
    [
        Of("loss-5", new LinkConditions(Loss: 0.05, Delay: s_near)),
        Of("loss-10", new LinkConditions(Loss: 0.10, Delay: s_near)),
        Of("rtt-200", new LinkConditions(Delay: TimeSpan.FromMilliseconds(100))),
        Of("loss-10-rtt-200", new LinkConditions(Loss: 0.10, Delay: TimeSpan.FromMilliseconds(100))),
        Of("reordering-1", new LinkConditions(Delay: s_near, Reordering: 0.01)),
        new("step", [Rate("3 Mbit/s", 3_000_000), Rate("500 kbit/s", 500_000), Rate("3 Mbit/s again", 3_000_000)]),
    ];

    static LinkScenario Of(string name, LinkConditions conditions) => new(name, [new LinkPhase(name, conditions)]);

    static LinkPhase Rate(string name, long rate) => new(name, new LinkConditions(Delay: s_near, Rate: new Bitrate(rate), Queue: TimeSpan.FromMilliseconds(300)));
}

/// <param name="Link">Both ways.</param>
sealed record LinkPhase(string Name, LinkConditions Link);
