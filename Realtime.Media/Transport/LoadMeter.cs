using Realtime.Media.Core;

namespace Realtime.Media.Transport;

/// <summary>How busy an edge is, over windows of a tenth of a second: whether waiting for company pays.</summary>
internal struct LoadMeter
{
    /// <summary>Datagrams per second. Below it a turn per datagram costs little, and waiting would only delay.</summary>
    const int WorthGathering = 5000;
    const long WindowNanoseconds = 100_000_000;

    Instant windowEnds;
    long receivedBefore;
    long sentBefore;

    /// <summary>So much goes out that joining a frame's packets pays.</summary>
    public bool IsLoaded { get; private set; }

    /// <summary>So much comes in that waking for each datagram is itself the cost.</summary>
    public bool IsFlooded { get; private set; }

    public void Measure(Instant now, EdgeCounters counters)
    {
        if (now < windowEnds) return;
        var elapsed = now.Nanoseconds - windowEnds.Nanoseconds + WindowNanoseconds;
        var received = (counters.ReceivedDatagrams - receivedBefore) * 1_000_000_000L / elapsed;
        var sent = (counters.SentDatagrams - sentBefore) * 1_000_000_000L / elapsed;
        IsLoaded = received + sent > WorthGathering;
        IsFlooded = received > WorthGathering;
        receivedBefore = counters.ReceivedDatagrams;
        sentBefore = counters.SentDatagrams;
        windowEnds = now + TimeSpan.FromTicks(WindowNanoseconds / 100);
    }
}
