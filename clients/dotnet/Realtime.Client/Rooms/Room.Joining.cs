using System.Text.Json;
using Realtime.Client.Media;
using Realtime.Contracts;

namespace Realtime.Client.Rooms;

/// <summary>Coming into the room, staying in it, following it to another node, leaving it.</summary>
public sealed partial class Room
{
    /// <summary>After the newer connection stands the older one goes on so long: the others may still be on their way.</summary>
    static readonly TimeSpan s_linger = TimeSpan.FromSeconds(3);

    /// <summary>Longer than that nobody waits who leaves.</summary>
    static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(2);

    /// <summary>Events that wait for a join's answer; with more the join is asked anew.</summary>
    const int MaxEarly = 2000;

    /// <summary>Reasons for which the server ends a presence and coming back is right.</summary>
    static readonly HashSet<string> s_comeBackAfter = [LeaveReason.TransportClosed, LeaveReason.ConsentExpired, LeaveReason.SessionEnded, LeaveReason.Fault, LeaveReason.RoomClosed];

    List<(string Name, JsonElement Payload)>? _early;
    bool _leaveFirst;

    /// <summary>The first join: fails when the server refuses.</summary>
    internal async Task EnterAsync(CancellationToken cancellation)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(_options.CallTimeout);
        var last = RealtimeException.NotConnected();
        try
        {
            while (true)
            {
                try
                {
                    await JoinAgainAsync(timeout.Token);
                    return;
                }
                catch (RealtimeException failure) when (failure.IsRetryable)
                {
                    last = failure;
                }
                await Task.Delay(last.RetryAfter ?? _options.FirstPause, timeout.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            await EndAsync(CallState.Failed, last);
            throw last;
        }
        catch (Exception failure)
        {
            await EndAsync(CallState.Failed, failure as RealtimeException);
            throw;
        }
    }

    /// <summary>A new signaling connection; media went on meanwhile, and the server tells again what is.</summary>
    internal void Reconnected(HelloResult welcome)
    {
        lock (_gate)
        {
            // Before the first join that one goes on by itself.
            if (HasEnded || Latest is not { } latest)
                return;
            if (welcome.Rooms?.Contains(Name) == true)
                latest.SignalingReturned();
            else
                _join.RequestNow();
        }
    }

    internal void AccessLost() => Fail(new RealtimeException(new RealtimeError(ErrorCode.Forbidden, "You may no longer be in this call.", "room")));

    internal async Task<string> ExchangeAsync(long epoch, string sdp, IReadOnlyList<TrackLabel> labels, CancellationToken cancellation)
    {
        var socket = await _connection.OnlineAsync(cancellation);
        return (await socket.InvokeAsync<NegotiateResult>("Negotiate", new NegotiateRequest(Name, epoch, sdp, labels), cancellation)).Sdp;
    }

    internal void LinkChanged(RoomLink link, TransportVerdict verdict)
    {
        if (link != Latest)
            return;
        if (verdict == TransportVerdict.Connected)
            Set(CallState.Connected);
        else if (verdict == TransportVerdict.Interrupted)
            Set(CallState.Interrupted);
        else
            Rejoin(null);
    }

    internal void LinkRefused(RoomLink link, RealtimeException error)
    {
        if (link != Latest)
            return;
        if (error.Code is ErrorCode.Forbidden or ErrorCode.Invalid or ErrorCode.Unsupported or ErrorCode.TooLarge)
            Fail(error);
        else
            Rejoin(error);
    }

    void Rejoin(RealtimeException? error)
    {
        Set(CallState.Interrupted, error);
        // The node may still hold our old transport: leave it, then come as somebody new. A stale epoch only needs the new one.
        _leaveFirst = error?.Code is not (ErrorCode.Conflict or ErrorCode.NotFound);
        _join.Request();
    }

    async Task JoinAgainAsync(CancellationToken cancellation)
    {
        var socket = await _connection.OnlineAsync(cancellation);
        if (_leaveFirst)
        {
            try
            {
                await socket.InvokeAsync<Done>("LeaveRoom", new LeaveRoomRequest(Name), cancellation);
            }
            catch (RealtimeException refused) when (refused.Code == ErrorCode.NotFound)
            {
                // Not in it any more: as wanted.
                _leaveFirst = false;
            }
            _leaveFirst = false;
        }
        RoomLink? link = null;
        try
        {
            JsonElement? metadata;
            lock (_gate)
            {
                if (HasEnded)
                    return;
                // From here on: what is told of the room's new place while the offer is made is no reason to join there once more.
                _early = [];
                link = new RoomLink(this, _supervisor, _options, _publishing);
                metadata = _metadata;
            }
            var (sdp, labels) = link.Offer();
            var joined = await socket.InvokeAsync<JoinRoomResult>("JoinRoom", new JoinRoomRequest(Name, metadata, sdp, labels), cancellation);
            if (!Adopt(link, joined))
                return;
            link = null;
        }
        finally
        {
            if (link is not null)
                await link.DisposeAsync();
            TakeEarly();
        }
        _tell.RequestNow();
    }

    /// <returns>False: the room was left meanwhile.</returns>
    bool Adopt(RoomLink link, JoinRoomResult joined)
    {
        RoomLink[] before;
        lock (_gate)
        {
            if (HasEnded)
                return false;
            link.Joined(joined);
            before = _links;
            Volatile.Write(ref _links, [.. before, link]);
            foreach (var track in _publishing)
            {
                track.Id = null;
                link.Publish(track);
            }
            link.NeedSections(Others(joined, MediaKind.Audio), Others(joined, MediaKind.Video));
            var (came, went) = _roster.Replace(joined);
            // Who has gone with the move is told when their tracks end; here they are only missing for a moment.
            foreach (var participant in went.Where(_ => before.Length == 0 || before[^1].Epoch == joined.Epoch))
                _events.Publish(new ParticipantLeft(participant, LeaveReason.Left));
            foreach (var participant in came)
                _events.Publish(new ParticipantJoined(participant));
            if (joined.Settings is { } settings)
                _events.Publish(new SettingsChanged(settings));
        }
        if (before.Length == 0)
            return true;
        // Of the same epoch the older one is dead; of an older epoch it plays on until the newer one does.
        if (before[^1].Epoch == joined.Epoch)
            _supervisor.Start(_ => DropAsync(before));
        else
            _supervisor.Start(cancellation => HandOverAsync(link, before, cancellation));
        return true;
    }

    static int Others(JoinRoomResult joined, MediaKind kind) => joined.Tracks.Count(track => track.Participant != joined.Participant && track.Kind == kind);

    async Task HandOverAsync(RoomLink link, RoomLink[] before, CancellationToken cancellation)
    {
        try
        {
            await link.Connected.WaitAsync(TransportWatch.First + TransportWatch.Restart, cancellation);
            await Task.Delay(s_linger, cancellation);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            // The newer one never stood, or everything ends: nothing to wait for.
            await DropAsync(before);
            return;
        }
        await DropAsync(before);
    }

    async Task DropAsync(RoomLink[] links)
    {
        lock (_gate)
        {
            Volatile.Write(ref _links, [.. _links.Except(links)]);
            foreach (var track in links.SelectMany(static link => link.Bindings).Select(static binding => binding.Track).Distinct().ToList())
                EndUnlessBound(track);
        }
        foreach (var link in links)
            await link.DisposeAsync();
    }

    void TakeEarly()
    {
        lock (_gate)
        {
            var waited = _early ?? [];
            _early = null;
            foreach (var (name, payload) in waited)
                Take(name, payload);
        }
    }

    /// <summary>What the new presence is to know: mutes, and what we want to see.</summary>
    async Task TellAsync(CancellationToken cancellation)
    {
        var socket = await _connection.OnlineAsync(cancellation);
        if (Volatile.Read(ref _view) is { } view)
            await socket.InvokeAsync<Done>("SetView", view, cancellation);
        LocalTrack[] muted;
        lock (_gate)
            muted = [.. _publishing.Where(static track => track is { IsMuted: true, Id: not null })];
        foreach (var track in muted)
            await socket.InvokeAsync<Done>("SetTrack", new SetTrackRequest(track.Id, true, Name), cancellation);
    }

    void Fail(RealtimeException error) => _supervisor.Start(async _ => await EndAsync(CallState.Failed, error));

    /// <summary>Before our transport ends: else that would be taken for the reason. Without a connection it is.</summary>
    async Task SayLeftAsync(CancellationToken cancellation)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(s_farewell);
        try
        {
            await _connection.InvokeAsync<Done>("LeaveRoom", new LeaveRoomRequest(Name), timeout.Token);
        }
        catch (Exception refused) when (refused is RealtimeException { Code: ErrorCode.NotFound } or RealtimeException { IsRetryable: true } or OperationCanceledException)
        {
            // Gone already, or nobody to tell: the end of our transport says it.
            return;
        }
    }

    /// <param name="farewell">What is said before the transport ends.</param>
    async Task EndAsync(CallState state, RealtimeException? error, Func<Task>? farewell = null)
    {
        RoomLink[] links;
        lock (_gate)
        {
            if (HasEnded)
                return;
            _state = state;
            links = _links;
            Volatile.Write(ref _links, []);
            foreach (var track in _playing.Values)
                track.End();
            _playing.Clear();
        }
        _join.Stop();
        _tell.Stop();
        _events.Publish(new CallStateChanged(state, error));
        _events.Complete();
        _tracks.Complete();
        try
        {
            if (farewell is not null)
                await farewell();
        }
        finally
        {
            foreach (var link in links)
                await link.DisposeAsync();
            _ended(this);
        }
    }
}
