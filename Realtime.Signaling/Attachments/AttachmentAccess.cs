using Realtime.Contracts;
using Realtime.Signaling.Access;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Errors;

namespace Realtime.Signaling.Attachments;

/// <summary>What a channel's rules mean for its files.</summary>
public sealed class AttachmentAccess(ChannelAccess channels)
{
    public ValueTask RequireWriteAsync(UserToken token, string? channel, CancellationToken cancellation) => channels.RequireWriteAsync(token, channel, cancellation);

    /// <exception cref="RealtimeException"><c>unavailable</c>: it cannot be known now.</exception>
    public async ValueTask<bool> MayReadAsync(UserToken token, string channel, CancellationToken cancellation)
    {
        try
        {
            await channels.RequireReadAsync(token, channel, cancellation);
            return true;
        }
        catch (RealtimeException refused) when (refused.Error.Code is ErrorCode.Forbidden or ErrorCode.NotFound)
        {
            return false;
        }
    }

    public async ValueTask RequireModerateAsync(UserToken token, string channel, CancellationToken cancellation) => await channels.RequireModerateAsync(token, channel, cancellation);
}
