using System.Text.Json;
using Realtime.Contracts;
using Realtime.Signaling.Channels;
using Realtime.Signaling.Errors;

namespace Realtime.Signaling.Attachments;

/// <summary>What a message says of its attachments is replaced by what was uploaded: nobody lends a file another name, type or size.</summary>
public sealed class MessageUploads(AttachmentStore store)
{
    /// <param name="clean">Its shape was checked (<see cref="AttachmentRules"/>).</param>
    /// <exception cref="RealtimeException"><c>invalid</c>: one of them is not the author's, not in this channel, or in another message.</exception>
    public async Task<SendMessageRequest> BindAsync(string author, string channel, SendMessageRequest clean)
    {
        if (clean.Attachments is not { Count: > 0 } elements)
            return clean;
        var ids = new List<string>(elements.Count);
        foreach (var element in elements)
        {
            if (!AttachmentRules.TryRead(element, out var read))
                throw new RealtimeException(new(ErrorCode.Invalid, "An attachment is {id, name?, type?, size?}", "attachments"));
            ids.Add(read.Id);
        }
        var claimed = await store.ClaimAsync(channel, author, clean.ClientMessageId!, ids, CancellationToken.None);
        return clean with { Attachments = [.. claimed.Select(static one => JsonSerializer.SerializeToElement(one, ContractsJson.Options))] };
    }
}
