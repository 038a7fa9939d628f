using Microsoft.AspNetCore.Mvc;
using Realtime.Contracts;
using Realtime.Signaling.Access;
using Realtime.Signaling.MediaControl;
using Realtime.Signaling.RateLimits;
using Realtime.Signaling.Sessions;

namespace Realtime.Signaling.Hubs;

/// <summary>What goes on in calls: what one wants to see, and what moderators do.</summary>
public sealed partial class RealtimeHub
{
    [Limited(LimitName.Negotiations)]
    public async Task<Done> SetView(SetViewRequest request, [FromServices] RoomConduct conduct)
    {
        await conduct.SetViewAsync(SessionService.Caller(Session, Connection.Token), request, Aborted);
        return new Done();
    }

    /// <summary>Of oneself; of others with the moderators' grant.</summary>
    [Limited(LimitName.Voice)]
    public async Task<Done> SetParticipant(SetParticipantRequest request, [FromServices] RoomConduct conduct, [FromServices] RoomModeration moderation)
    {
        if (request.Participant is { } other)
            return await ModerateAsync(token => moderation.SetParticipantAsync(token, request.Room ?? "", other, request, Aborted));
        await conduct.SetMetadataAsync(SessionService.Caller(Session, Connection.Token), request, Aborted);
        return new Done();
    }

    [Limited(LimitName.Voice)]
    public Task<Done> SetRoom(SetRoomRequest request, [FromServices] RoomModeration moderation) => ModerateAsync(token => moderation.SetRoomAsync(token, request, Aborted));

    [Limited(LimitName.Voice)]
    public Task<Done> MuteTrack(MuteTrackRequest request, [FromServices] RoomModeration moderation) => ModerateAsync(token => moderation.MuteAsync(token, request, Aborted));

    [Limited(LimitName.Kicks)]
    public Task<Done> KickParticipant(KickParticipantRequest request, [FromServices] RoomModeration moderation) => ModerateAsync(token => moderation.KickAsync(token, request, Aborted));

    [Limited(LimitName.Kicks)]
    public Task<Done> CloseRoom(CloseRoomRequest request, [FromServices] RoomModeration moderation) => ModerateAsync(token => moderation.CloseAsync(token, request, Aborted));
}
