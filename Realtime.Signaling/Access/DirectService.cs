using Realtime.Contracts;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;
using Realtime.Signaling.Moderation;
using Realtime.Signaling.Sessions;

namespace Realtime.Signaling.Access;

/// <summary>Direct and group messages: stored like any other, in the channel that its members are.</summary>
public sealed class DirectService(ChannelAccess access, DirectStore store, ChannelService channels)
{
    /// <exception cref="RealtimeException">As for sending; retries with the same clientMessageId are safe.</exception>
    public async Task<SendDirectResult> SendAsync(UserToken sender, SendDirectRequest request, CancellationToken cancellation)
    {
        if (DirectRules.Members(sender.User, request.To, out var refusal) is not { } members)
            throw new RealtimeException(refusal!);
        var channel = DirectName.Of(members);
        var message = new SendMessageRequest(channel, request.ClientMessageId, request.Text, request.Mentions, request.Attachments, request.Embeds, request.ReplyTo);
        // Before anything is made for it.
        ChannelService.Check(message);
        var (policy, _) = await access.LookAsync(channel, sender.User, cancellation);
        if (policy.Kind != ChannelKind.Direct)
        {
            await store.EnsureAsync(channel, members, sender.User, cancellation);
            access.Forget(channel);
        }
        var sent = await channels.SendAsync(sender, message);
        return new SendDirectResult(channel, sent.Id, sent.Seq, sent.CreatedAt, sent.Duplicate, sent.Level);
    }

    /// <summary>The caller's direct channels, the latest activity first.</summary>
    public Task<List<DirectInfo>> ListAsync(UserToken user, string? after, int limit, CancellationToken cancellation) => store.ListAsync(user.User, after, limit, cancellation);
}
