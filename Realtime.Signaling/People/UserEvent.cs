using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using Realtime.Contracts;

namespace Realtime.Signaling.People;

/// <summary>
/// A hub event for all sessions of one user that must arrive, with or without Redis. Whoever changes something writes <see cref="ToOutbox"/> as an outbox entry (kind
/// <c>user</c>, key: the user) in the statement of the change, and after the commit gives it to <see cref="UserNews.Announce"/>.
/// </summary>
/// <param name="Id">By which a replica knows that it has delivered this one already.</param>
/// <param name="Name">One of <see cref="HubEvent"/>.</param>
public sealed record UserEvent(string Id, string User, string Name, ReadOnlyMemory<byte> Payload)
{
    const int MaxIdLength = 64;
    const int MaxNameLength = 64;

    public static UserEvent Of(string user, string name, object payload, string? id = null) =>
        new(id ?? Guid.CreateVersion7().ToString("N"), user, name, JsonSerializer.SerializeToUtf8Bytes(payload, payload.GetType(), ContractsJson.Options));

    /// <summary>The outbox entry's payload: <c>{"id":…,"event":…,"payload":…}</c>.</summary>
    public string ToOutbox() => $$"""{"id":{{JsonSerializer.Serialize(Id)}},"event":{{JsonSerializer.Serialize(Name)}},"payload":{{Encoding.UTF8.GetString(Payload.Span)}}}""";

    public static bool TryReadOutbox(string user, string? text, [NotNullWhen(true)] out UserEvent? read)
    {
        read = null;
        if (text is null)
            return false;
        try
        {
            using var document = JsonDocument.Parse(text);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("payload", out var payload)
                || !TryReadText(root, "id", MaxIdLength, out var id) || !TryReadText(root, "event", MaxNameLength, out var name))
                return false;
            read = new UserEvent(id, user, name, Encoding.UTF8.GetBytes(payload.GetRawText()));
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    static bool TryReadText(JsonElement element, string member, int maxLength, [NotNullWhen(true)] out string? text)
    {
        text = element.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        return text is { Length: > 0 } && text.Length <= maxLength;
    }
}
