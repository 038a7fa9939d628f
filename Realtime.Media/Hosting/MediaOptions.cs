using System.Net;

namespace Realtime.Media.Hosting;

/// <summary>Section <c>Media</c>.</summary>
public sealed class MediaOptions
{
    public const string Section = "Media";

    /// <summary>The node's name: the audience of its service tokens.</summary>
    public string Node { get; set; } = "media-0";

    /// <summary>Of the first worker; the others follow. Node n owns 40000+100n … +99.</summary>
    public int UdpPort { get; set; } = 40000;

    /// <summary>HTTP/2 without TLS, for signaling alone.</summary>
    public int ControlPort { get; set; } = 5100;

    /// <summary>Shared with signaling; at least 32 bytes.</summary>
    public string ControlSecret { get; set; } = "";

    /// <summary>Where clients reach this node, comma-separated: they become its candidates. Default in Development: 127.0.0.1.</summary>
    public string AnnouncedAddresses { get; set; } = "";

    /// <summary>Where to listen: <c>::</c> takes IPv4 and IPv6.</summary>
    public string BindAddress { get; set; } = "::";

    /// <summary>Threads, each with its port and rooms; 0: one per core.</summary>
    public int Workers { get; set; }

    public int WorkerCount => Workers > 0 ? Workers : Environment.ProcessorCount;

    public IReadOnlyList<string> Announced => AnnouncedAddresses.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    public IPAddress Bind => IPAddress.Parse(BindAddress);
}
