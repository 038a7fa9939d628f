using Realtime.Media.Core;

namespace Realtime.Media.Peers;

/// <summary>
/// When a peer can use video. A browser has the keys a moment before its receivers run, and throws away what comes in between: a key
/// frame lost there costs half a second until the next one. They run when it sends protected packets of its own; one that sends none
/// is given <see cref="Grace"/>.
/// </summary>
struct ReceiversReady()
{
    public static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(100);

    public bool Yes { get; private set; }

    /// <summary>When it counts as ready without a word.</summary>
    public Instant Deadline { get; private set; } = Instant.Never;

    public void Connected(Instant now) => Deadline = Yes ? Instant.Never : now + Grace;

    /// <summary>True once: from now on it is ready.</summary>
    public bool TryBecome()
    {
        if (Yes) return false;
        Yes = true;
        Deadline = Instant.Never;
        return true;
    }
}
