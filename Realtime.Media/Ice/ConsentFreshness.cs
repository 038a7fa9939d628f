using Realtime.Media.Core;

namespace Realtime.Media.Ice;

/// <summary>
/// Whether the other side still wants our packets (RFC 7675). A lite agent sends no checks, so what counts is what arrives: an
/// authenticated check, or SRTP or DTLS that proved authentic. Also the bound on how long a peer may take to connect at all.
/// </summary>
public struct ConsentFreshness(Instant now)
{
    /// <summary>RFC 7675 §5.1.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(30);

    public Instant Deadline { get; private set; } = now + Lifetime;

    public readonly bool HasExpired(Instant now) => now >= Deadline;

    public void Refresh(Instant now) => Deadline = now + Lifetime;

    /// <summary>No path is left: what is to come must come sooner.</summary>
    public void Shorten(Instant now, TimeSpan lifetime) => Deadline = Instant.Min(Deadline, now + lifetime);
}
