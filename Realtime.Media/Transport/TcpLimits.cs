namespace Realtime.Media.Transport;

/// <summary>What TCP may cost a node (ICE-TCP, RFC 6544). A connection over a limit is closed; a packet over one is dropped; both are counted.</summary>
public sealed record TcpLimits
{
    /// <summary>Accepted connections that have not yet sent a whole first STUN message; beyond it the oldest is closed.</summary>
    public int Pending { get; init; } = 256;

    /// <summary>Of those, from one IPv4 address or IPv6 /64; beyond it new ones are refused.</summary>
    public int PendingPerAddress { get; init; } = 32;

    /// <summary>A client sends its check as soon as it is connected.</summary>
    public TimeSpan FirstFrameWithin { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Per worker: its room may hold 2,000 peers, each with a connection and its replacement.</summary>
    public int Connections { get; init; } = 4096;

    /// <summary>The longest packet taken. Browsers send up to 1,500 bytes.</summary>
    public int MaxPacket { get; init; } = 8192;

    /// <summary>
    /// What waits for one slow reader beyond the kernel's own buffer (<see cref="KernelBufferBytes"/>): about a second of video. Media fills three
    /// quarters of it at most, STUN and DTLS the rest; what does not fit is dropped.
    /// </summary>
    public int BacklogBytes { get; init; } = 256 << 10;

    /// <summary>Small, so that a slow reader's packets are dropped while they are young: the kernel's own choice would hold seconds.</summary>
    public int KernelBufferBytes { get; init; } = 64 << 10;

    /// <summary>Readers that may be behind at once, per worker (64 MB); the next one is closed.</summary>
    public int Backlogs { get; init; } = 256;

    /// <summary>A reader that takes not a byte for so long is closed.</summary>
    public TimeSpan StuckAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>As ICE consent (RFC 7675): a connection from which nothing comes is closed.</summary>
    public TimeSpan IdleAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>For the client to close its half, so that the last packets arrive.</summary>
    public TimeSpan LingerFor { get; init; } = TimeSpan.FromSeconds(2);
}
