using System.Diagnostics.CodeAnalysis;
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
    public const int MaxReasonLength = 500;
    public const int MaxHistory = 100;
    public const int JoinHistory = 50;

    /// <summary>Null when the request may go on as <paramref name="clean"/>, the form in which it is stored; otherwise the refusal.</summary>
    public static RealtimeError? Check(SendMessageRequest request, out SendMessageRequest clean)
    {
        clean = request;
        if (!NameRules.IsName(request.Channel))
            return BadChannel;
        if (request.ClientMessageId is not { Length: > 0 and <= MaxClientMessageIdLength } id || HasControlCharacters(id))
            return Invalid("clientMessageId", "1 to 64 characters, unique per message: it makes a retry safe");
        if (request.Text is null)
            return NoText;
        if (CheckText(request.Text) is { } bad)
            return bad;
        var text = TextRules.Clean(request.Text);
        if (text.Length == 0 && request.Attachments is not { Count: > 0 })
            return NoText;
        if (request.Mentions is { Count: > MaxMentions })
            return TooLarge("mentions", $"At most {MaxMentions} mentions");
        if (request.Mentions is { } mentions && !(mentions.All(NameRules.IsUser) && mentions.Distinct(StringComparer.Ordinal).Count() == mentions.Count))
            return Invalid("mentions", "Mentions are user ids, each once");
        if (request.Attachments is { Count: > MaxAttachments })
            return TooLarge("attachments", $"At most {MaxAttachments} attachments");
        if (request.Embeds is { Count: > MaxEmbeds })
            return TooLarge("embeds", $"At most {MaxEmbeds} embeds");
        if (ExtrasLength(request.Attachments) + ExtrasLength(request.Embeds) > MaxExtrasBytes)
            return TooLarge("embeds", $"Attachments and embeds together take at most {MaxExtrasBytes} bytes");
        if (request.ReplyTo is not null && !NameRules.IsName(request.ReplyTo))
            return Invalid("replyTo", "The id of a message");
        if (!TryClean<MessageAttachment>(request.Attachments, AttachmentRules.TryRead, out var attachments))
            return Invalid("attachments", "An attachment is {id, name?, type?, size?}");
        if (attachments?.Select(static one => one.Id).Distinct(StringComparer.Ordinal).Count() < attachments?.Count)
            return Invalid("attachments", "The same upload twice");
        if (!TryClean<MessageEmbed>(request.Embeds, EmbedRules.TryRead, out var embeds))
            return Invalid("embeds", "An embed is {type?, title?, description?, url?, color?, fields?: [{name, value, inline?}]}, its url http or https");
        clean = request with
        {
            Text = text,
            Mentions = request.Mentions is { Count: > 0 } ? request.Mentions : null,
            Attachments = Elements(attachments),
            Embeds = Elements(embeds),
        };
        return null;
    }

    public static RealtimeError? Check(EditMessageRequest request)
    {
        if (!NameRules.IsName(request.Channel))
            return BadChannel;
        if (!NameRules.IsName(request.Id))
            return BadId;
        // Whether it may be empty depends on the message: one with attachments may.
        return request.Text is null ? Invalid("text", "The new text") : CheckText(request.Text);
    }

    public static RealtimeError? Check(DeleteMessageRequest request)
    {
        if (!NameRules.IsName(request.Channel))
            return BadChannel;
        if (!NameRules.IsName(request.Id))
            return BadId;
        return request.Reason is { Length: > MaxReasonLength } ? TooLarge("reason", $"At most {MaxReasonLength} characters") : null;
    }

    /// <summary>What is stored of a reason that passed; null when it says nothing.</summary>
    public static string? ReasonOf(string? reason) => reason is not null && TextRules.CleanLine(reason) is { Length: > 0 } said ? said : null;

    static RealtimeError? CheckText(string text)
    {
        if (text.Length > MaxTextLength)
            return TooLarge("text", $"At most {MaxTextLength} characters");
        return text.Contains('\0') ? Invalid("text", "No NUL characters") : null;
    }

    delegate bool TryReader<T>(JsonElement element, [NotNullWhen(true)] out T? read);

    static bool TryClean<T>(IReadOnlyList<JsonElement>? elements, TryReader<T> tryRead, out List<T>? clean)
    {
        clean = null;
        foreach (var element in elements ?? [])
        {
            if (!tryRead(element, out var read))
                return false;
            (clean ??= []).Add(read);
        }
        return true;
    }

    static IReadOnlyList<JsonElement>? Elements<T>(List<T>? parts) => parts is null ? null : [.. parts.Select(static part => JsonSerializer.SerializeToElement(part, ContractsJson.Options))];

    static RealtimeError NoText => Invalid("text", "A message has a text or attachments");

    static RealtimeError BadChannel => Invalid("channel", "A channel is named by 1 to 64 of A-Z a-z 0-9 . _ : -");

    static RealtimeError BadId => Invalid("id", "The id of a message");

    static int ExtrasLength(IReadOnlyList<JsonElement>? elements) => elements?.Sum(static element => element.GetRawText().Length) ?? 0;

    static bool HasControlCharacters(string text) => text.AsSpan().ContainsAnyInRange('\0', '\x1f');

    static RealtimeError Invalid(string field, string message) => new(ErrorCode.Invalid, message, field);

    static RealtimeError TooLarge(string field, string message) => new(ErrorCode.TooLarge, message, field);
}
