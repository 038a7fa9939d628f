using System.Text;
using System.Text.Json;
using Realtime.Contracts;
using Realtime.Signaling.Channels;
using Realtime.Signaling.Fanout;
using Realtime.Tests.Harness;
using Xunit;

namespace Realtime.Tests.Signaling.Channels;

/// <summary>Markup leaves the server as text that no parser of pages can take for more, and links that run are refused.</summary>
public class MarkupTests
{
    [Fact]
    public void No_frame_holds_a_character_that_markup_needs()
    {
        foreach (var text in Markup.Corpus.Where(static text => !text.Contains('\0')))
        {
            var request = new SendMessageRequest("general", "id", text, Embeds: [JsonSerializer.SerializeToElement(new { title = text })]);
            Assert.Null(MessageRules.Check(request, out var clean));
            var message = new Message("general", 1, 1, "m1", "eve", text, clean.Text!, DateTimeOffset.UnixEpoch, "id", Embeds: clean.Embeds);
            ReadOnlyMemory<byte>[] frames = [
                HubFrames.MessageCreated(message).Frame,
                HubFrames.MessageUpdated(new("general", 1, 2, "m1", 1, clean.Text!, "eve", DateTimeOffset.UnixEpoch)).Frame,
                HubFrames.MessageDeleted(new("general", 1, 3, "m1", 1, "eve", DateTimeOffset.UnixEpoch, text)).Frame,
                HubFrames.Encode(HubEvent.Typing, new TypingEvent("general", "eve", text, DateTimeOffset.UnixEpoch))];
            foreach (var frame in frames)
                Assert.DoesNotMatch("[<>&'`\u2028\u2029]", Encoding.UTF8.GetString(frame.Span[frame.Span.IndexOf((byte)'{')..])); // Behind the WebSocket frame's head.
            // … and yet it is the text that was written.
            Assert.Equal(TextRules.Clean(text), HubFrames.Read<Message>(HubFrames.MessageCreated(message)).Text);
        }
    }

    [Fact]
    public void No_link_runs()
    {
        foreach (var text in Markup.Corpus)
        {
            Assert.False(EmbedRules.TryRead(JsonSerializer.SerializeToElement(new { title = "x", url = text }), out _), text);
            if (EmbedRules.TryRead(JsonSerializer.SerializeToElement(new { url = "https://e.example/" + text }), out var embed))
                Assert.Matches("^https://e\\.example/[\\x21\\x23-\\x3b\\x3d\\x3f-\\x7e]*$", embed.Url);
        }
    }

    [Fact]
    public void A_text_with_nul_is_refused() =>
        Assert.Equal("text", MessageRules.Check(new SendMessageRequest("general", "id", Markup.Corpus.First(static text => text.Contains('\0'))), out _)?.Field);
}
