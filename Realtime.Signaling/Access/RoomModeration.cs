using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;
using Realtime.Signaling.MediaControl;
using Realtime.Signaling.Moderation;
using Realtime.Signaling.Rooms;

namespace Realtime.Signaling.Access;

/// <summary>
/// What moderators do in calls: mute, kick, close, set. It takes the grant <c>moderate</c> for a room that the token grants, or <c>admin</c>; holds at the room's node at
/// once, whether Postgres and Redis are there or not, and is recorded as soon as Postgres is.
/// </summary>
public sealed class RoomModeration(NodeDirectory directory, MediaNodes nodes, AuditLater audit)
{
    const int MaxIdLength = 128;

    public async Task MuteAsync(UserToken by, MuteTrackRequest request, CancellationToken cancellation)
    {
        var room = Require(by, request.Room);
        if (request.Track is not { Length: > 0 and <= MaxIdLength } track)
            throw new RealtimeException(new(ErrorCode.Invalid, "A track id is needed.", "track"));
        if (request.Muted is not { } muted)
            throw new RealtimeException(new(ErrorCode.Invalid, "Say whether it is to be muted.", "muted"));
        var placement = Live(room);
        var publisher = directory.Track(placement, track)?.Participant ?? throw new RealtimeException(new(ErrorCode.NotFound, "There is no such track in the room.", "track"));
        var user = directory.Peer(placement, publisher)?.User;
        await nodes[placement.Node].SetTrackAsync(
            new SetTrackCommand(RoomConduct.NewId(), room, placement.Epoch, publisher, track, muted, ByModerator: true, request.Locked), cancellation);
        await RecordAsync(by, muted ? AuditAction.TrackMuted : AuditAction.TrackUnmuted, room, user);
    }

    public async Task KickAsync(UserToken by, KickParticipantRequest request, CancellationToken cancellation)
    {
        var room = Require(by, request.Room);
        Refuse(ModerationRules.CheckReason(request.Reason));
        var placement = Live(room);
        if (request.Participant is not { } participant || directory.Peer(placement, participant) is not { } peer)
            throw new RealtimeException(new(ErrorCode.NotFound, "There is no such participant in the room.", "participant"));
        await nodes[placement.Node].LeaveAsync(new LeavePeerCommand(RoomConduct.NewId(), room, placement.Epoch, participant, LeaveReason.Kicked), cancellation);
        await RecordAsync(by, AuditAction.ParticipantKicked, room, peer.User, request.Reason);
    }

    public async Task CloseAsync(UserToken by, CloseRoomRequest request, CancellationToken cancellation)
    {
        var room = Require(by, request.Room);
        Refuse(ModerationRules.CheckReason(request.Reason));
        var placement = Live(room);
        await nodes[placement.Node].CloseRoomAsync(new CloseRoomCommand(RoomConduct.NewId(), room, placement.Epoch, LeaveReason.Closed), cancellation);
        await RecordAsync(by, AuditAction.RoomClosed, room, null, request.Reason);
    }

    public async Task SetRoomAsync(UserToken by, SetRoomRequest request, CancellationToken cancellation)
    {
        var room = Require(by, request.Room);
        var settings = request.Settings ?? throw new RealtimeException(new(ErrorCode.Invalid, "Say what is to be set.", "settings"));
        if (settings.MaxPeers is < 1 or > RoomSettings.MostPeers)
            throw new RealtimeException(new(ErrorCode.Invalid, $"From 1 to {RoomSettings.MostPeers}.", "maxPeers"));
        if (settings.LastN is < 0 or > RoomSettings.MostVideos)
            throw new RealtimeException(new(ErrorCode.Invalid, $"From 0 to {RoomSettings.MostVideos}.", "lastN"));
        RoomConduct.Metadata(settings.Metadata);
        var placement = Live(room);
        await nodes[placement.Node].SetRoomAsync(new SetRoomCommand(RoomConduct.NewId(), room, placement.Epoch, settings), cancellation);
        await RecordAsync(by, AuditAction.RoomSet, room, null);
    }

    public async Task SetParticipantAsync(UserToken by, string room, string participant, SetParticipantRequest request, CancellationToken cancellation)
    {
        Require(by, room);
        RoomConduct.Metadata(request.Metadata);
        var placement = Live(room);
        if (directory.Peer(placement, participant) is null)
            throw new RealtimeException(new(ErrorCode.NotFound, "There is no such participant in the room.", "participant"));
        await nodes[placement.Node].SetParticipantAsync(new SetParticipantCommand(RoomConduct.NewId(), room, placement.Epoch, participant, request.Metadata), cancellation);
    }

    /// <summary>A room in all detail, for who may moderate it.</summary>
    /// <exception cref="RealtimeException"><c>notFound</c>: nobody is in it.</exception>
    public async Task<RoomDetail> DescribeAsync(UserToken by, string room, CancellationToken cancellation)
    {
        var placement = Live(Require(by, room));
        return await nodes[placement.Node].DescribeAsync(room, cancellation) ?? throw Empty();
    }

    /// <summary>Everybody with their connections' statistics, for who may moderate the room.</summary>
    public async Task<IReadOnlyList<RoomParticipantInfo>> WithStatisticsAsync(UserToken by, string room, CancellationToken cancellation)
    {
        var detail = await DescribeAsync(by, room, cancellation);
        var statistics = detail.Participants.ToDictionary(static one => one.Participant, static one => one.Statistics, StringComparer.Ordinal);
        return [.. directory.Participants(room).Select(one => one with { Statistics = statistics.GetValueOrDefault(one.Participant) })];
    }

    /// <summary>The room's name, when the token may moderate it.</summary>
    public static string Require(UserToken by, string? room)
    {
        var name = RoomName.Check(room);
        var grants = by.Grants;
        return grants.AllowsAdmin() || (grants.AllowsModerate() && grants.AllowsRoom(name)) ? name
            : throw new RealtimeException(new(ErrorCode.Forbidden, "Your token does not let you moderate this room.", "room"));
    }

    Placement Live(string room)
    {
        audit.CheckRoom();
        return directory.Live(room) ?? throw Empty();
    }

    async Task RecordAsync(UserToken by, string action, string room, string? target, string? reason = null)
    {
        ActionLog.Record("rooms", action, by.User, room);
        await audit.RecordAsync(new AuditRecord(by.User, action, Target: target, Reason: reason, Details: new { room }));
    }

    static RealtimeException Empty() => new(new RealtimeError(ErrorCode.NotFound, "Nobody is in this room.", "room"));

    static void Refuse(RealtimeError? refusal)
    {
        if (refusal is not null)
            throw new RealtimeException(refusal);
    }
}
