using Realtime.Contracts;

namespace Realtime.Tests.Harness;

/// <summary>
/// Edits and removals have a place in the channel's order like messages. In a history each is an event under a name of its own, made of what it did; so an edit whose outcome
/// nobody knows must not be tried again with the same text.
/// </summary>
public static class ChangeId
{
    const string Edit = "edit:";
    const string Removal = "removal:";

    public static string OfEdit(string message, string text) => $"{Edit}{message}:{text}";

    public static string OfRemoval(string message) => Removal + message;

    public static string Of(MessageUpdatedEvent updated) => OfEdit(updated.Id, updated.Text);

    public static string Of(MessageDeletedEvent deleted) => OfRemoval(deleted.Id);

    public static bool IsChange(string clientMessageId) =>
        clientMessageId.StartsWith(Edit, StringComparison.Ordinal) || clientMessageId.StartsWith(Removal, StringComparison.Ordinal);
}
