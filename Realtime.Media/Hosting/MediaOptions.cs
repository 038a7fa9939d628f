using System.Net;
using Realtime.Media.Control;
using Realtime.Media.Transport;

namespace Realtime.Media.Hosting;

/// <summary>Section <c>Media</c>.</summary>
public sealed class MediaOptions
{
    public const string Section = "Media";

    const int PeersPerWorker = 2000;

    /// <summary>About what a core of the smallest machine we measured forwards, crypto and kernel included (README).</summary>
    const long PacketsPerWorker = 250_000;

    /// <summary>The node's name: the audience of its service tokens.</summary>
    public string Node { get; set; } = "media-0";

    /// <summary>Of the first worker; the others follow. Node n owns 40000+100n … +99.</summary>
    public int UdpPort { get; set; } = 40000;

    /// <summary>ICE-TCP, one port for all workers. Default: the number of <see cref="UdpPort"/>.</summary>
    public int? TcpPort { get; set; }

    /// <summary>
    /// False where nothing but TCP reaches the node (Azure Container Apps): no UDP socket is opened and no UDP candidate announced. Where the
    /// platform maps the port, <see cref="TcpPort"/> is the one that clients see.
    /// </summary>
    public bool Udp { get; set; } = true;

    /// <summary>False: no ICE-TCP. One of the two must be true.</summary>
    public bool Tcp { get; set; } = true;

    /// <summary>HTTP/2 without TLS, for signaling alone.</summary>
    public int ControlPort { get; set; } = 5100;

    /// <summary>Shared with signaling; at least 32 bytes.</summary>
    public string ControlSecret { get; set; } = "";

    /// <summary>
    /// Where clients reach this node, IPv4 and IPv6, comma-separated: they become its candidates, earlier ones preferred. Behind a NAT
    /// <c>public/local</c>, as in <c>203.0.113.7/10.0.0.4,2001:db8::7</c>. Default in Development: 127.0.0.1.
    /// </summary>
    public string AnnouncedAddresses { get; set; } = "";

    /// <summary>
    /// Where to listen. <c>::</c> takes IPv4 and IPv6 at every address of the machine, and answers from the one that was asked; on a
    /// machine with several, binding to one saves a tenth of the cost of a send.
    /// </summary>
    public string BindAddress { get; set; } = "::";

    /// <summary>The sockets' implementation: <c>auto</c>, <c>linux</c>, or <c>portable</c> (any system, for development).</summary>
    public EdgeKind Edge { get; set; }

    /// <summary>Threads, each with its port and rooms; 0: one per core.</summary>
    public int Workers { get; set; }

    /// <summary>Peers and packets a second (both ways) at which the node is as busy as it may be; 0: by the number of workers.</summary>
    public int MaxPeers { get; set; }

    public long MaxPacketsPerSecond { get; set; }

    /// <summary>People of one room on one worker before the room is spread over another, joined by a relay.</summary>
    public int RoomPeersPerWorker { get; set; } = 500;

    /// <summary>From the order to drain, or SIGTERM, until rooms that nobody has moved are closed.</summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(12);

    public NodeCapacity Capacity => new(
        MaxPeers > 0 ? MaxPeers : WorkerCount * PeersPerWorker, MaxPacketsPerSecond > 0 ? MaxPacketsPerSecond : WorkerCount * PacketsPerWorker, Environment.ProcessorCount);

    public int WorkerCount => Workers > 0 ? Workers : Environment.ProcessorCount;

    /// <summary>The entries that can be read; the validator has refused the others.</summary>
    public IReadOnlyList<AnnouncedAddress> Announced =>
        [.. AnnouncedTexts.Select(text => (IsValid: AnnouncedAddress.TryParse(text, out var address), address)).Where(each => each.IsValid).Select(each => each.address)];

    public IEnumerable<string> AnnouncedTexts => AnnouncedAddresses.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    public IPEndPoint? UdpEndPoint => Udp ? new IPEndPoint(Bind, UdpPort) : null;

    public IPEndPoint? TcpEndPoint => Tcp ? new IPEndPoint(Bind, TcpPort ?? UdpPort) : null;

    public IPAddress Bind => IPAddress.Parse(BindAddress);
}
