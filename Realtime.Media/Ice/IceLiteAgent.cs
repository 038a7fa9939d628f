using Realtime.Media.Core;

namespace Realtime.Media.Ice;

/// <summary>
/// The ICE-lite side of one peer connection (RFC 8445 §2.5): answers connectivity checks, follows the other side's nominations, and
/// says when consent is gone. It sends no checks and is always controlled. Not thread-safe; no clock: see <see cref="NextDeadline"/>.
/// </summary>
public sealed class IceLiteAgent
{
    /// <summary>
    /// A nomination of a lower-ranked path counts only when the selected one was not nominated for this long: an aggressive nominator
    /// (Firefox) nominates every path while it checks them, and the best is to win; a regular one (Chrome) stops naming the old path.
    /// </summary>
    static readonly TimeSpan NominationSettles = TimeSpan.FromSeconds(1);

    /// <summary>Chrome checks a stable path every 2.5 s: twice that without a word and any living path is better.</summary>
    static readonly TimeSpan PathIsSilentAfter = TimeSpan.FromSeconds(5);

    /// <summary>A browser connects again at once or not at all; its user is not to be a ghost for the 30 s of consent.</summary>
    static readonly TimeSpan ReconnectsWithin = TimeSpan.FromSeconds(5);

    const int MaxResponseSize = 128;

    readonly CandidatePaths paths = new();
    ConsentFreshness consent;
    int selected = CandidatePaths.None;
    int generation;
    int previousGeneration;
    PendingEvents pending;

    [Flags]
    enum PendingEvents
    {
        None = 0,
        Connected = 1,
        PathChanged = 2,
        RestartCompleted = 4,
        ConsentExpired = 8,
        PathLost = 16,
    }

    public IceLiteAgent(Instant now, IceCredentials local)
    {
        Local = local;
        consent = new ConsentFreshness(now);
    }

    /// <summary>What our description announces.</summary>
    public IceCredentials Local { get; private set; }

    /// <summary>The credentials before an ICE restart, still good until <see cref="IceEventKind.RestartCompleted"/>; otherwise null.</summary>
    public IceCredentials? PreviousLocal { get; private set; }

    public bool HasExpired { get; private set; }

    /// <summary>
    /// The path to send to: the nominated one, and until there is one the first that a check validated (RFC 8445 §12.1 lets media flow
    /// before nomination; a browser's handshake is done before it nominates). False before the first authenticated check.
    /// </summary>
    public bool TryGetSelected(out NetAddress path)
    {
        path = selected == CandidatePaths.None ? default : paths[selected].Address;
        return selected != CandidatePaths.None;
    }

    /// <summary>The paths that checks proved, the selected one first. Allocates: for operators.</summary>
    public IReadOnlyList<(NetAddress Address, bool IsSelected, Instant LastHeard)> DescribePaths() =>
        [.. Enumerable.Range(0, paths.Count).Select(index => (paths[index].Address, index == selected, paths[index].LastHeard)).OrderByDescending(static path => path.Item2)];

    /// <summary>Whether an authenticated check came from this address: only then do its other packets deserve a look.</summary>
    public bool IsValidated(in NetAddress from) =>
        (selected != CandidatePaths.None && paths[selected].Address == from) || paths.Find(from) != CandidatePaths.None;

    /// <summary>A path that is not silent: an authentic check or packet came by it lately.</summary>
    public bool IsHeardFrom(Instant now, in NetAddress from)
    {
        var index = paths.Find(from);
        return index != CandidatePaths.None && now - paths[index].LastHeard < PathIsSilentAfter;
    }

    public Instant NextDeadline => HasExpired ? Instant.Never : consent.Deadline;

    /// <summary>
    /// ICE restart (RFC 8445 §2.4): the other side offered new credentials, these are our new ones. The path stays until one is
    /// nominated under them.
    /// </summary>
    public void Restart(IceCredentials local)
    {
        if (PreviousLocal is null)
        {
            PreviousLocal = Local;
            previousGeneration = generation;
        }

        Local = local;
        generation++;
    }

    /// <summary>SRTP or DTLS from this address proved authentic: the peer lives, and so does the path.</summary>
    public void ConfirmTraffic(Instant now, in NetAddress from)
    {
        if (HasExpired) return;
        var index = selected != CandidatePaths.None && paths[selected].Address == from ? selected : paths.Find(from);
        if (index == CandidatePaths.None) return;
        paths[index].LastHeard = now;
        consent.Refresh(now);
    }

    /// <summary>
    /// The path ended: its TCP connection was closed. Another living path takes its place at once; with none left, the other side has
    /// <see cref="ReconnectsWithin"/> to come by a new one.
    /// </summary>
    public void RemovePath(Instant now, in NetAddress address)
    {
        var index = paths.Find(address);
        if (index == CandidatePaths.None) return;
        var wasSelected = index == selected;
        paths.RemoveAt(index);
        if (selected == paths.Count) selected = index;
        if (wasSelected)
        {
            selected = BestLiving(now);
            pending |= selected == CandidatePaths.None ? PendingEvents.PathLost : PendingEvents.PathChanged;
        }

        if (paths.Count == 0) consent.Shorten(now, ReconnectsWithin);
    }

    /// <summary>One STUN message; the answer goes into the outbox.</summary>
    public DropReason Receive(Instant now, in NetAddress from, ReadOnlySpan<byte> datagram, Outbox outbox)
    {
        if (HasExpired) return DropReason.PeerClosed;
        if (!StunMessage.TryRead(datagram, out var message)) return DropReason.Malformed;
        if (!StunFingerprint.Verify(message)) return DropReason.BadIntegrity;
        if (!message.IsBindingRequest) return message.Class == StunClass.Indication ? DropReason.None : DropReason.Malformed;

        if (message.Username.IsEmpty || message.IntegrityOffset == 0)
            return Refuse(from, message, 400, outbox, DropReason.BadIntegrity);
        if (!TryAuthenticate(message, out var credentials, out var checkGeneration))
            return Refuse(from, message, 401, outbox, DropReason.BadIntegrity);

        if (message.UnknownRequired != 0) return Answer(from, message, credentials, 420, outbox);

        // RFC 8445 §7.3.1.1: a lite agent stays controlled, so the other side must give way whatever its tie-breaker.
        if (message.Controlled is not null) return Answer(from, message, credentials, 487, outbox);

        Accept(now, from, message, checkGeneration);
        return Answer(from, message, credentials, 0, outbox);
    }

    /// <summary>Idempotent; nothing to send ever comes of it.</summary>
    public void Tick(Instant now)
    {
        if (HasExpired || !consent.HasExpired(now)) return;
        HasExpired = true;
        pending |= PendingEvents.ConsentExpired;
    }

    /// <summary>Events of a kind are conflated, in the order of <see cref="IceEventKind"/>: one of each waits at most.</summary>
    public bool TryTakeEvent(out IceEvent e)
    {
        TryGetSelected(out var path);
        for (var kind = IceEventKind.Connected; kind <= IceEventKind.PathLost; kind++)
        {
            var flag = (PendingEvents)(1 << (int)kind);
            if ((pending & flag) == 0) continue;
            pending &= ~flag;
            e = new IceEvent(kind, path);
            return true;
        }

        e = default;
        return false;
    }

    // RFC 8445 §7.3: the first half of USERNAME is ours. The second half adds nothing to what the password proves.
    bool TryAuthenticate(in StunMessage message, out IceCredentials credentials, out int checkGeneration)
    {
        credentials = Local;
        checkGeneration = generation;
        if (IsFor(message, Local)) return MessageIntegrity.Verify(message, Local.Key);
        if (PreviousLocal is null || !IsFor(message, PreviousLocal)) return false;
        credentials = PreviousLocal;
        checkGeneration = previousGeneration;
        return MessageIntegrity.Verify(message, PreviousLocal.Key);
    }

    static bool IsFor(in StunMessage message, IceCredentials credentials)
    {
        var ufrag = credentials.UfragBytes;
        return message.Username.Length > ufrag.Length && message.Username[ufrag.Length] == ':' && message.Username.StartsWith(ufrag);
    }

    void Accept(Instant now, in NetAddress from, in StunMessage message, int checkGeneration)
    {
        consent.Refresh(now);
        var index = paths.FindOrAdd(from, selected);
        ref var path = ref paths[index];
        path.LastHeard = now;
        path.Priority = message.Priority ?? 0;
        path.Generation = checkGeneration;
        var restarted = message.UseCandidate && PreviousLocal is not null && checkGeneration == generation;
        if (ShouldSelect(now, index, message.UseCandidate)) Select(index);
        if (message.UseCandidate) path.LastNominated = now;
        if (!restarted) return;
        PreviousLocal = null;
        pending |= PendingEvents.RestartCompleted;
    }

    bool ShouldSelect(Instant now, int index, bool nominates)
    {
        if (index == selected) return false;
        if (selected == CandidatePaths.None) return true;
        ref var current = ref paths[selected];
        ref var candidate = ref paths[index];
        if (now - current.LastHeard >= PathIsSilentAfter) return true;
        return nominates
            && (candidate.Generation > current.Generation
                || candidate.Priority >= current.Priority
                || now - current.LastNominated >= NominationSettles);
    }

    int BestLiving(Instant now)
    {
        var best = CandidatePaths.None;
        for (var i = 0; i < paths.Count; i++)
        {
            if (now - paths[i].LastHeard >= PathIsSilentAfter) continue;
            if (best == CandidatePaths.None || paths[i].Priority > paths[best].Priority) best = i;
        }

        return best;
    }

    void Select(int index)
    {
        pending |= selected == CandidatePaths.None ? PendingEvents.Connected : PendingEvents.PathChanged;
        selected = index;
    }

    static DropReason Answer(in NetAddress to, in StunMessage request, IceCredentials credentials, int error, Outbox outbox)
    {
        if (!outbox.TryReserve(MaxResponseSize, out var buffer)) return DropReason.OutboxFull;
        var writer = new StunWriter(buffer, error == 0 ? StunClass.Success : StunClass.Error, request.TransactionId);
        if (error == 0) writer.XorMappedAddress(to);
        else writer.Error(error);
        if (error == 420) writer.UnknownAttribute(request.UnknownRequired);
        outbox.Commit(to, writer.Finish(credentials.Key));
        return DropReason.None;
    }

    // Not authenticated, so the sender's address may be forged: 36 bytes, and never more than what came.
    static DropReason Refuse(in NetAddress to, in StunMessage request, int error, Outbox outbox, DropReason reason)
    {
        if (!outbox.TryReserve(MaxResponseSize, out var buffer)) return reason;
        var writer = new StunWriter(buffer, StunClass.Error, request.TransactionId);
        writer.Error(error);
        var length = writer.Finish(default);
        if (length <= request.Raw.Length) outbox.Commit(to, length);
        return reason;
    }
}
