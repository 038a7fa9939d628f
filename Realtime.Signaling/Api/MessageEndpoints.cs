using Realtime.Contracts;
using Realtime.Signaling.Access;
using Realtime.Signaling.Channels;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;
using Realtime.Signaling.Moderation;
using Realtime.Signaling.RateLimits;
using Realtime.Signaling.Sessions;

namespace Realtime.Signaling.Api;

/// <summary>Sending and changing messages over REST (<c>channels/{c}/messages</c>, <c>messages</c>) and <c>directs</c>: the same rules and permits as on the hub.</summary>
public static class MessageEndpoints
{
    public static void MapMessages(this IEndpointRouteBuilder api)
    {
        api.MapPost("/channels/{channel}/messages", (HttpContext http, string channel, SendMessageRequest request, ChannelService channels) =>
            SendAsync(http, channels, request with { Channel = channel })).RequireAuthorization().WithTags("messages").LimitedBy(LimitName.Messages).Produces<SendMessageResult>(StatusCodes.Status201Created);
        api.MapPatch("/channels/{channel}/messages/{id}", async (HttpContext http, string channel, string id, EditMessageRequest request, MessageEditing editing) =>
            ApiCall.Json(await editing.EditAsync(ApiCall.Caller(http), request with { Channel = channel, Id = id })))
            .RequireAuthorization().WithTags("messages").LimitedBy(LimitName.Edits).Produces<ChangeMessageResult>();
        api.MapDelete("/channels/{channel}/messages/{id}", async (HttpContext http, string channel, string id, string? reason, MessageEditing editing) =>
            ApiCall.Json(await editing.DeleteAsync(ApiCall.Caller(http), new DeleteMessageRequest(channel, id, reason))))
            .RequireAuthorization().WithTags("messages").LimitedBy(LimitName.Deletes).Produces<ChangeMessageResult>();

        api.MapPost("/messages", (HttpContext http, SendMessageRequest request, ChannelService channels) => SendAsync(http, channels, request))
            .RequireAuthorization().WithTags("messages").LimitedBy(LimitName.Messages).Produces<SendMessageResult>(StatusCodes.Status201Created);
        api.MapGet("/messages/{id}", async (HttpContext http, string id, MessageStore messages, ChannelAccess access, CancellationToken cancellation) =>
        {
            var caller = ApiCall.Caller(http);
            // One that is not to be seen is none: ids tell nobody what there is elsewhere.
            return NameRules.IsName(id) && await messages.FindAsync(id, cancellation) is { } found && await access.ReadVerdictAsync(caller, found.Channel, cancellation) == AccessVerdict.Allowed
                ? ApiCall.Json(found)
                : throw new RealtimeException(new(ErrorCode.NotFound, "There is no such message.", "id"));
        }).RequireAuthorization().WithTags("messages").Produces<Message>();
    }

    public static void MapDirects(this IEndpointRouteBuilder api)
    {
        api.MapGet("/directs", async (HttpContext http, [AsParameters] PageRequest page, DirectService directs, CancellationToken cancellation) =>
            ApiCall.Json(page.Of(await directs.ListAsync(ApiCall.Caller(http), page.From, page.Size + 1, cancellation), static one => one.Channel)))
            .RequireAuthorization().WithTags("directs").Produces<Page<DirectInfo>>().WithSummary("The caller's direct and group conversations, the latest activity first");
        api.MapPost("/directs", async (HttpContext http, SendDirectRequest request, DirectService directs, CancellationToken cancellation) =>
        {
            var sent = await directs.SendAsync(ApiCall.Caller(http), request, cancellation);
            return ApiCall.Json(sent, sent.Duplicate ? StatusCodes.Status200OK : StatusCodes.Status201Created);
        }).RequireAuthorization().WithTags("directs").LimitedBy(LimitName.Directs).Produces<SendDirectResult>(StatusCodes.Status201Created);
    }

    static async Task<IResult> SendAsync(HttpContext http, ChannelService channels, SendMessageRequest request)
    {
        var sent = await channels.SendAsync(ApiCall.Caller(http), request);
        return ApiCall.Json(sent, sent.Duplicate ? StatusCodes.Status200OK : StatusCodes.Status201Created);
    }
}
