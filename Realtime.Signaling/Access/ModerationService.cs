using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;
using Realtime.Signaling.Moderation;

namespace Realtime.Signaling.Access;

/// <summary>
/// Kick, ban, unban, time-out. What is answered is stored and recorded; it holds here at once and elsewhere when the tail brings it, within a second, with or without
/// Redis. Postgres away: <c>unavailable</c>, and nothing was done.
/// </summary>
public sealed class ModerationService(ChannelAccess access, ModerationStore store, AccessEffects effects, TimeProvider time)
{
    /// <summary>Somebody's role changed while we decided: rare, and rarer twice.</summary>
    const int Attempts = 3;

    public Task KickAsync(UserToken moderator, KickRequest request, CancellationToken cancellation) =>
        ActAsync(moderator, request.Channel, new AccessNews(ModerationAction.Kick, request.User, moderator.User, request.Reason), cancellation);

    public Task BanAsync(UserToken moderator, BanRequest request, CancellationToken cancellation)
    {
        Refuse(ModerationRules.CheckBan(request.Until, time.GetUtcNow()));
        return ActAsync(moderator, request.Channel, new AccessNews(ModerationAction.Ban, request.User, moderator.User, request.Reason, request.Until), cancellation);
    }

    public Task UnbanAsync(UserToken moderator, UnbanRequest request, CancellationToken cancellation) =>
        ActAsync(moderator, request.Channel, new AccessNews(ModerationAction.Unban, request.User, moderator.User, request.Reason), cancellation);

    public Task TimeOutAsync(UserToken moderator, TimeOutRequest request, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        Refuse(ModerationRules.CheckTimeOut(request.Until, now));
        var until = request.Until > now ? request.Until : null;
        return ActAsync(moderator, request.Channel, new AccessNews(ModerationAction.TimeOut, request.User, moderator.User, request.Reason, until), cancellation);
    }

    async Task ActAsync(UserToken moderator, string? channel, AccessNews news, CancellationToken cancellation)
    {
        Refuse(ModerationRules.Check(channel, news.User, news.Reason));
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var actingAs = await access.RequireModerateAsync(moderator, channel, cancellation);
            var (_, own) = await access.LookAsync(channel!, moderator.User, cancellation);
            var (_, target) = await access.LookAsync(channel!, news.User!, cancellation);
            Refuse(ModerationRules.Check(moderator.User, actingAs, news.User!, target.Role));
            var done = await store.ActAsync(channel!, moderator.User, own.Role, target.Role, news, cancellation);
            switch (done.Outcome)
            {
                case ModerationOutcome.Done:
                    ActionLog.Record("moderation", news.Action, news.User, channel);
                    effects.Announce(channel!, news, done.News);
                    return;
                case ModerationOutcome.Nothing:
                    throw new RealtimeException(new(ErrorCode.NotFound, "There is nothing to lift.", "user"));
                default:
                    access.Forget(channel!);
                    break;
            }
        }
        throw new RealtimeException(new(ErrorCode.Conflict, "Somebody's role changed meanwhile.", "user"));
    }

    static void Refuse(RealtimeError? refusal)
    {
        if (refusal is not null)
            throw new RealtimeException(refusal);
    }
}
