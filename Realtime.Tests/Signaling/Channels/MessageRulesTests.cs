using System.Text.Json;
using Realtime.Contracts;
using Realtime.Signaling.Channels;
using Xunit;

namespace Realtime.Tests.Signaling.Channels;

public class MessageRulesTests
{
    static readonly SendMessageRequest Good = new("general", "id-1", "hello");

    [Fact]
    public void A_plain_message_passes() => Assert.Null(MessageRules.Check(Good, out _));

    [Fact]
    public void The_longest_text_passes_and_one_more_does_not()
    {
        Assert.Null(MessageRules.Check(Good with { Text = new string('x', 2000) }, out _));
        Refused(ErrorCode.TooLarge, "text", Good with { Text = new string('x', 2001) });
    }

    [Fact]
    public void What_is_missing_or_wrong_is_named()
    {
        Refused(ErrorCode.Invalid, "channel", Good with { Channel = null });
        Refused(ErrorCode.Invalid, "channel", Good with { Channel = "two words" });
        Refused(ErrorCode.Invalid, "channel", Good with { Channel = new string('x', 65) });
        Refused(ErrorCode.Invalid, "clientMessageId", Good with { ClientMessageId = "" });
        Refused(ErrorCode.Invalid, "clientMessageId", Good with { ClientMessageId = new string('x', 65) });
        Refused(ErrorCode.Invalid, "clientMessageId", Good with { ClientMessageId = "a\nb" });
        Refused(ErrorCode.Invalid, "text", Good with { Text = " " });
        Refused(ErrorCode.Invalid, "text", Good with { Text = null });
        Refused(ErrorCode.Invalid, "text", Good with { Text = "a\0b" });
        Refused(ErrorCode.TooLarge, "mentions", Good with { Mentions = [.. Enumerable.Repeat("ann", 21)] });
        Refused(ErrorCode.Invalid, "mentions", Good with { Mentions = ["not a user"] });
        Refused(ErrorCode.TooLarge, "attachments", Good with { Attachments = [.. Enumerable.Repeat(Json("{}"), 11)] });
        Refused(ErrorCode.TooLarge, "embeds", Good with { Embeds = [.. Enumerable.Repeat(Json("{}"), 6)] });
        Refused(ErrorCode.TooLarge, "embeds", Good with { Embeds = [Json($"\"{new string('x', 17 * 1024)}\"")] });
    }

    static JsonElement Json(string json) => JsonDocument.Parse(json).RootElement;

    static void Refused(string code, string field, SendMessageRequest request)
    {
        var error = MessageRules.Check(request, out _);
        Assert.Equal((code, field), (error?.Code, error?.Field));
    }
}
