namespace Realtime.Contracts;

/// <summary>One entry of a message's <c>attachments</c>: refers to an upload. Other members are refused.</summary>
/// <param name="Id">As the upload returned it.</param>
/// <param name="Name">At most 255 characters, without a path.</param>
/// <param name="Type">A media type. What the upload is served as decides the upload.</param>
/// <param name="Size">Bytes, at most 100 MB.</param>
public sealed record MessageAttachment(string Id, string? Name = null, string? Type = null, long? Size = null);

/// <summary>One entry of a message's <c>embeds</c>: a card beside the text. All of it is text; other members are refused.</summary>
/// <param name="Type">A word like <c>link</c>, at most 32 characters of a-z.</param>
/// <param name="Url">http or https, without a user name, at most 2048 characters.</param>
/// <param name="Color">0 to 0xFFFFFF.</param>
/// <param name="Fields">At most 25.</param>
public sealed record MessageEmbed(
    string? Type = null, string? Title = null, string? Description = null, string? Url = null, int? Color = null, IReadOnlyList<MessageEmbedField>? Fields = null);

/// <param name="Name">At most 256 characters.</param>
/// <param name="Value">At most 1024 characters.</param>
public sealed record MessageEmbedField(string Name, string Value, bool? Inline = null);
