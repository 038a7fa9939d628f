using System.Globalization;
using System.Net;

namespace Realtime.Tests.MediaChaos;

/// <summary>What everybody who sees an answer of a media node knows of it: where it listens, and its ufrag towards that member.</summary>
sealed record Answered(IPEndPoint Edge, string Ufrag)
{
    const string UfragLine = "a=ice-ufrag:";

    public static Answered Read(string sdp)
    {
        var lines = sdp.Split('\n', StringSplitOptions.TrimEntries);
        // "a=candidate:1 1 udp 2130706431 127.0.0.1 40000 typ host"
        var candidate = lines.First(line => line.StartsWith("a=candidate:", StringComparison.Ordinal) && line.Contains(" udp ", StringComparison.OrdinalIgnoreCase)).Split(' ');
        return new Answered(
            new IPEndPoint(IPAddress.Parse(candidate[4]), int.Parse(candidate[5], CultureInfo.InvariantCulture)),
            lines.First(line => line.StartsWith(UfragLine, StringComparison.Ordinal))[UfragLine.Length..]);
    }
}
