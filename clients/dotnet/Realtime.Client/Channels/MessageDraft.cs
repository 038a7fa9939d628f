using System.Text.Json;
using Realtime.Contracts;

namespace Realtime.Client.Channels;

/// <summary>What a message has besides its text.</summary>
public sealed record MessageDraft(string Text)
{
    public static implicit operator MessageDraft(string text) => new(text);

    /// <summary>Users, at most 20.</summary>
    public IReadOnlyList<string>? Mentions { get; init; }

    /// <summary>Uploaded files, at most 10.</summary>
    public IReadOnlyList<MessageAttachment>? Attachments { get; init; }

    /// <summary>Cards beside the text, at most 5.</summary>
    public IReadOnlyList<MessageEmbed>? Embeds { get; init; }

    /// <summary>The id of a message of the same channel.</summary>
    public string? ReplyTo { get; init; }

    /// <summary>Makes sending again idempotent, also by another process: the same author and id is stored once. Default: a new one.</summary>
    public string? ClientMessageId { get; init; }

    internal SendMessageRequest To(string channel, string id) => new(channel, id, Text, Mentions, Elements(Attachments), Elements(Embeds), ReplyTo);

    internal SendDirectRequest To(IReadOnlyList<string> users, string id) => new(users, id, Text, Mentions, Elements(Attachments), Elements(Embeds), ReplyTo);

    static IReadOnlyList<JsonElement>? Elements<T>(IReadOnlyList<T>? parts) => parts is null ? null : [.. parts.Select(static part => JsonSerializer.SerializeToElement(part, ContractsJson.Options))];
}
