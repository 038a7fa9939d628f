using System.Text.Json;
using Realtime.Contracts;

namespace Realtime.Signaling.Channels;

/// <summary>What a message must be like before it is looked at any further (design §4, row "message").</summary>
public static class MessageRules
{
    public const int MaxTextLength = 2000;
    public const int MaxClientMessageIdLength = 64;
    public const int MaxMentions = 20;
    public const int MaxAttachments = 10;
    public const int MaxEmbeds = 5;
    public const int MaxExtrasBytes = 16 * 1024;
    public const int MaxHistory = 100;
    public const int JoinHistory = 50;

    /// <summary>Null when the request may go on, otherwise the refusal.</summary>
    public static RealtimeError? Check(SendMessageRequest request)
    {
        if (!NameRules.IsName(request.Channel))
            return Invalid("channel", "A channel is named by 1 to 64 of A-Z a-z 0-9 . _ : -");
        if (request.ClientMessageId is not { Length: > 0 and <= MaxClientMessageIdLength } id || HasControlCharacters(id))
            return Invalid("clientMessageId", "1 to 64 characters, unique per message: it makes a retry safe");
        if (request.Text is null || (string.IsNullOrWhiteSpace(request.Text) && request.Attachments is not { Count: > 0 }))
            return Invalid("text", "A message has a text or attachments");
        if (request.Text.Length > MaxTextLength)
            return TooLarge("text", $"At most {MaxTextLength} characters");
        if (request.Text.Contains('\0'))
            return Invalid("text", "No NUL characters");
        if (request.Mentions is { Count: > MaxMentions })
            return TooLarge("mentions", $"At most {MaxMentions} mentions");
        if (request.Mentions is { } mentions && !mentions.All(NameRules.IsUser))
            return Invalid("mentions", "Mentions are user ids");
        if (request.Attachments is { Count: > MaxAttachments })
            return TooLarge("attachments", $"At most {MaxAttachments} attachments");
        if (request.Embeds is { Count: > MaxEmbeds })
            return TooLarge("embeds", $"At most {MaxEmbeds} embeds");
        if (ExtrasLength(request.Attachments) + ExtrasLength(request.Embeds) > MaxExtrasBytes)
            return TooLarge("embeds", $"Attachments and embeds together take at most {MaxExtrasBytes} bytes");
        if (request.ReplyTo is not null && !NameRules.IsName(request.ReplyTo))
            return Invalid("replyTo", "The id of a message");
        return null;
    }

    static int ExtrasLength(IReadOnlyList<JsonElement>? elements) => elements?.Sum(static element => element.GetRawText().Length) ?? 0;

    static bool HasControlCharacters(string text) => text.AsSpan().ContainsAnyInRange('\0', '\x1f');

    static RealtimeError Invalid(string field, string message) => new(ErrorCode.Invalid, message, field);

    static RealtimeError TooLarge(string field, string message) => new(ErrorCode.TooLarge, message, field);
}
