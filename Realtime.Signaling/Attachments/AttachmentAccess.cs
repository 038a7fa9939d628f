using Realtime.Contracts;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Channels;
using Realtime.Signaling.Errors;

namespace Realtime.Signaling.Attachments;

/// <summary>What a channel's rules mean for its files.</summary>
public sealed class AttachmentAccess
{
    public ValueTask RequireWriteAsync(UserToken token, string? channel, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (!NameRules.IsName(channel))
            throw new RealtimeException(new(ErrorCode.Invalid, $"A channel is named by 1 to {NameRules.MaxNameLength} of A-Z a-z 0-9 . _ : -", "channel"));
        return token.Grants.AllowsChannel(channel!) ? default : throw new RealtimeException(new(ErrorCode.Forbidden, "Your token does not grant this channel.", "channel"));
    }

    public ValueTask<bool> MayReadAsync(UserToken token, string channel, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return new(token.Grants.AllowsChannel(channel));
    }

    public ValueTask RequireModerateAsync(UserToken token, string channel, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return token.Grants.AllowsChannel(channel) && token.Grants.AllowsModerate()
            ? default
            : throw new RealtimeException(new(ErrorCode.Forbidden, "Only its uploader or a moderator removes a file.", "channel"));
    }
}
