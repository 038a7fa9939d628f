using System.Net;
using Realtime.Media.Core;
using Realtime.Media.Ice;

namespace Realtime.Media.Hosting;

/// <summary>The candidate lines of a worker's answers: UDP before TCP, public addresses before local ones, each in the order of the option.</summary>
static class NodeCandidates
{
    /// <param name="udpPort">0: none.</param>
    /// <param name="tcpPort">0: none.</param>
    public static IReadOnlyList<string> Of(IReadOnlyList<AnnouncedAddress> announced, int udpPort, int tcpPort)
    {
        var addresses = announced.Select(each => each.Public).Concat(announced.Select(each => each.Local).OfType<IPAddress>()).Distinct().ToList();
        var udp = addresses.Select((address, index) => IceCandidate.HostUdp(NetAddress.From(new IPEndPoint(address, udpPort)), index));
        var tcp = addresses.Select((address, index) => IceCandidate.HostTcpPassive(NetAddress.From(new IPEndPoint(address, tcpPort)), index));
        return [.. (udpPort > 0 ? udp : []).Concat(tcpPort > 0 ? tcp : []).Select(candidate => candidate.ToString())];
    }
}
