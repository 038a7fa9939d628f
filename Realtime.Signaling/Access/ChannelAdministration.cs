using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Channels;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;
using Realtime.Signaling.Fanout;
using Realtime.Signaling.Moderation;

namespace Realtime.Signaling.Access;

/// <summary>
/// Making, changing and deleting channels, and who is what in them. The grant <c>admin</c> acts as an owner everywhere but in direct channels, which nobody administers. Throws
/// <see cref="RealtimeException"/> for every refusal.
/// </summary>
public sealed class ChannelAdministration(ChannelAccess access, ChannelStore channels, MemberStore members, RedisNews redis, TimeProvider time)
{
    const int Attempts = 3;

    public Task<List<ChannelInfo>> ListAsync(UserToken token, string? after, int limit, CancellationToken cancellation) =>
        channels.ListAsync(token.User, token.Grants.Channels ?? [], token.Grants.AllowsAdmin(), after, limit, cancellation);

    public async Task<ChannelInfo> FindAsync(UserToken token, string channel, CancellationToken cancellation)
    {
        if (!Administers(token, channel))
            await access.RequireReadAsync(token, channel, cancellation);
        return await channels.FindAsync(channel, token.User, cancellation) is { } found && (found.Kind != "direct" || found.Role is not null) ? found : throw NoSuchChannel();
    }

    public async Task<ChannelInfo> CreateAsync(UserToken token, CreateChannelRequest request, CancellationToken cancellation)
    {
        Refuse(ChannelRules.Check(request));
        if (!token.Grants.AllowsChannel(request.Channel!))
            throw new RealtimeException(AccessRules.Refusal(AccessVerdict.NotGranted)!);
        if (!await channels.CreateAsync(request, token.User, Retention(request.Retention), cancellation))
            throw new RealtimeException(new(ErrorCode.Conflict, "There is a channel of that name, or its messages are still being removed.", "channel"));
        return await ChangedAsync(token, request.Channel!, "created", cancellation);
    }

    public async Task<ChannelInfo> ChangeAsync(UserToken token, string channel, ChangeChannelRequest request, CancellationToken cancellation)
    {
        Refuse(ChannelRules.Check(request));
        if (await ActingAsAsync(token, channel, cancellation) < ChannelRules.NeededFor(request))
            throw new RealtimeException(new(ErrorCode.Forbidden, "Only an owner changes that.", "channel"));
        if (!await channels.ChangeAsync(channel, request, ChannelRules.TryReadRetention(request.Retention, out var retention) ? retention : null, token.User, cancellation))
            throw NoSuchChannel();
        return await ChangedAsync(token, channel, "changed", cancellation);
    }

    public async Task DeleteAsync(UserToken token, string channel, CancellationToken cancellation)
    {
        if (await ActingAsAsync(token, channel, cancellation) < ChannelRole.Owner)
            throw new RealtimeException(new(ErrorCode.Forbidden, "Only an owner deletes a channel.", "channel"));
        if (!await channels.DeleteAsync(channel, token.User, cancellation))
            throw NoSuchChannel();
        Changed(channel, "deleted", token.User);
    }

    public async Task<List<ChannelMemberInfo>> MembersAsync(UserToken token, string channel, string? after, int limit, CancellationToken cancellation)
    {
        if (!Administers(token, channel) && await access.ModerateVerdictAsync(token, channel, cancellation) != AccessVerdict.Allowed)
            await access.RequireReadAsync(token, channel, cancellation);
        return await members.ListAsync(channel, after, limit, cancellation);
    }

    /// <param name="role"><see cref="ChannelRole.None"/>: removed.</param>
    public async Task SetMemberAsync(UserToken token, string channel, string user, ChannelRole role, CancellationToken cancellation)
    {
        if (!NameRules.IsUser(user))
            throw new RealtimeException(new(ErrorCode.Invalid, "A user id.", "user"));
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var leaves = user == token.User && role == ChannelRole.None;
            if (leaves)
                await access.RequireReadAsync(token, channel, cancellation);
            var actingAs = leaves ? ChannelRole.None : await ActingAsAsync(token, channel, cancellation);
            var (policy, own) = await access.LookAsync(channel, token.User, cancellation);
            if (policy.Kind == ChannelKind.Direct || DirectName.IsReserved(channel))
                throw new RealtimeException(new(ErrorCode.Forbidden, "The members of a direct channel do not change.", "channel"));
            var (_, target) = await access.LookAsync(channel, user, cancellation);
            Refuse(ChannelRules.CheckMember(token.User, actingAs, user, target, role, time.GetUtcNow()));
            switch (await members.SetAsync(channel, token.User, own.Role, user, target.Role, role, cancellation))
            {
                case MemberOutcome.Done:
                    Changed(channel, "memberSet", user);
                    return;
                case MemberOutcome.LastOwner:
                    throw new RealtimeException(new(ErrorCode.Conflict, "A channel that has an owner keeps one: name another first.", "user"));
                case MemberOutcome.Full:
                    throw new RealtimeException(new(ErrorCode.Conflict, $"A channel has at most {ChannelRules.MaxMembers} members.", "channel"));
                default:
                    access.Forget(channel);
                    break;
            }
        }
        throw new RealtimeException(new(ErrorCode.Conflict, "Somebody's role changed meanwhile.", "user"));
    }

    async Task<ChannelRole> ActingAsAsync(UserToken token, string channel, CancellationToken cancellation) =>
        Administers(token, channel) ? ChannelRole.Owner : await access.RequireModerateAsync(token, channel, cancellation);

    static bool Administers(UserToken token, string channel) => token.Grants.AllowsAdmin() && NameRules.IsName(channel) && !DirectName.IsReserved(channel);

    async Task<ChannelInfo> ChangedAsync(UserToken token, string channel, string action, CancellationToken cancellation)
    {
        Changed(channel, action, token.User);
        return await channels.FindAsync(channel, token.User, cancellation) ?? throw NoSuchChannel();
    }

    void Changed(string channel, string action, string user)
    {
        ActionLog.Record("channels", action, user, channel);
        access.Forget(channel);
        redis.Nudge();
    }

    /// <summary>Checked before; for ever is none.</summary>
    static TimeSpan? Retention(string? text) => ChannelRules.TryReadRetention(text, out var read) && read > TimeSpan.Zero ? read : null;

    static void Refuse(RealtimeError? refusal)
    {
        if (refusal is not null)
            throw new RealtimeException(refusal);
    }

    static RealtimeException NoSuchChannel() => new(new(ErrorCode.NotFound, "There is no such channel.", "channel"));
}
