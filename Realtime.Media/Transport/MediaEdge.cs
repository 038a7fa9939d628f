using System.Net;

namespace Realtime.Media.Transport;

/// <summary>Which implementation of <see cref="IMediaEdge"/>.</summary>
public enum EdgeKind
{
    /// <summary>What this operating system does best.</summary>
    Auto,

    /// <summary>epoll, recvmmsg, UDP_SEGMENT.</summary>
    Linux,

    /// <summary>System.Net.Sockets: for development on Windows and macOS.</summary>
    Portable,
}

/// <param name="Udp">Where to listen; null: TCP alone.</param>
/// <param name="MaxDatagrams">As many as the outboxes hold that will be sent.</param>
public sealed record EdgeOptions(EdgeKind Kind, IPEndPoint? Udp, TcpLimits Tcp, int MaxDatagrams);

/// <summary>Opens the edge that was chosen, or that fits the operating system.</summary>
public static class MediaEdge
{
    public static IMediaEdge Open(EdgeOptions options)
    {
        var linux = options.Kind == EdgeKind.Linux || (options.Kind == EdgeKind.Auto && OperatingSystem.IsLinux());
        return linux ? new LinuxEdge(options) : new PortableEdge(options);
    }
}
