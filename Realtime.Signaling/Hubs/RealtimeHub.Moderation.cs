using Microsoft.AspNetCore.Mvc;
using Realtime.Contracts;
using Realtime.Signaling.Access;
using Realtime.Signaling.Auth;
using Realtime.Signaling.RateLimits;

namespace Realtime.Signaling.Hubs;

/// <summary>Direct messages, and what moderators do.</summary>
public sealed partial class RealtimeHub
{
    [Limited(LimitName.Directs)]
    public Task<SendDirectResult> SendDirect(SendDirectRequest request, [FromServices] DirectService directs)
    {
        _ = Session;
        return directs.SendAsync(Connection.Token, request, Aborted);
    }

    [Limited(LimitName.Kicks)]
    public Task<Done> Kick(KickRequest request, [FromServices] ModerationService moderation) => ModerateAsync(token => moderation.KickAsync(token, request, Aborted));

    [Limited(LimitName.Bans)]
    public Task<Done> Ban(BanRequest request, [FromServices] ModerationService moderation) => ModerateAsync(token => moderation.BanAsync(token, request, Aborted));

    [Limited(LimitName.Calls)]
    public Task<Done> Unban(UnbanRequest request, [FromServices] ModerationService moderation) => ModerateAsync(token => moderation.UnbanAsync(token, request, Aborted));

    [Limited(LimitName.Calls)]
    public Task<Done> TimeOut(TimeOutRequest request, [FromServices] ModerationService moderation) => ModerateAsync(token => moderation.TimeOutAsync(token, request, Aborted));

    async Task<Done> ModerateAsync(Func<UserToken, Task> moderate)
    {
        _ = Session;
        await moderate(Connection.Token);
        return new Done();
    }
}
