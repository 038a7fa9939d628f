using System.Text.Json;
using Realtime.Contracts;
using Realtime.Signaling.Channels;
using Xunit;

namespace Realtime.Tests.Signaling.Channels;

/// <summary>Embeds and attachments: known members within their bounds, nothing else.</summary>
public class EmbedRulesTests
{
    static JsonElement Json(string json) => JsonDocument.Parse(json).RootElement;

    static string Text(int length) => new('x', length);

    [Fact]
    public void The_largest_embed_passes_and_comes_back_as_it_was()
    {
        var embed = new MessageEmbed("link", Text(256), Text(2048), "https://example.com/a?b=c#d", 0xFFFFFF, [.. Enumerable.Range(0, 25).Select(static _ => new MessageEmbedField(Text(256), Text(1024), true))]);
        Assert.True(EmbedRules.TryRead(JsonSerializer.SerializeToElement(embed, ContractsJson.Options), out var read));
        Assert.Equal(JsonSerializer.Serialize(embed, ContractsJson.Options), JsonSerializer.Serialize(read, ContractsJson.Options));
    }

    [Theory]
    [InlineData("""5""")]
    [InlineData("""[]""")]
    [InlineData("""{}""")]
    [InlineData("""{"title":" "}""")]
    [InlineData("""{"color":1}""")]
    [InlineData("""{"title":5}""")]
    [InlineData("""{"title":"a","title":"b"}""")]
    [InlineData("""{"title":"a","html":"<b>"}""")]
    [InlineData("""{"title":"a","Title":"b"}""")]
    [InlineData("""{"title":"a","color":-1}""")]
    [InlineData("""{"title":"a","color":16777216}""")]
    [InlineData("""{"title":"a","color":1.5}""")]
    [InlineData("""{"title":"a","type":"Link"}""")]
    [InlineData("""{"title":"a","fields":{}}""")]
    [InlineData("""{"title":"a","fields":[]}""")]
    [InlineData("""{"title":"a","fields":[{"name":"n"}]}""")]
    [InlineData("""{"title":"a","fields":[{"name":"n","value":"v","inline":"yes"}]}""")]
    [InlineData("""{"title":"a","fields":[{"name":"n","value":{"deep":1}}]}""")]
    [InlineData("""{"title":"a","fields":[[[[[]]]]]}""")]
    [InlineData("""{"title":"\ud800"}""")]
    [InlineData("""{"\ud800":"a"}""")]
    public void Anything_else_is_refused(string json) => Assert.False(EmbedRules.TryRead(Json(json), out _));

    [Fact]
    public void One_more_than_the_bound_is_refused()
    {
        Assert.False(EmbedRules.TryRead(Json($$"""{"title":"{{Text(257)}}"}"""), out _));
        Assert.False(EmbedRules.TryRead(Json($$"""{"description":"{{Text(2049)}}"}"""), out _));
        Assert.False(EmbedRules.TryRead(Json($$"""{"url":"https://e.example/{{Text(2048)}}"}"""), out _));
        var fields = string.Join(',', Enumerable.Repeat("""{"name":"n","value":"v"}""", 26));
        Assert.False(EmbedRules.TryRead(Json($$"""{"title":"a","fields":[{{fields}}]}"""), out _));
        Assert.False(EmbedRules.TryRead(Json($$"""{"fields":[{"name":"{{Text(257)}}","value":"v"}]}"""), out _));
        Assert.False(EmbedRules.TryRead(Json($$"""{"fields":[{"name":"n","value":"{{Text(1025)}}"}]}"""), out _));
    }

    [Theory]
    [InlineData("javascript:alert(1)")]
    [InlineData("JaVaScRiPt:alert(1)")]
    [InlineData(" javascript:alert(1)")]
    [InlineData("java\\tscript:alert(1)")]
    [InlineData("\\u0001javascript:alert(1)")]
    [InlineData("data:text/html,<script>alert(1)</script>")]
    [InlineData("vbscript:x")]
    [InlineData("blob:https://example.com/1")]
    [InlineData("file:///etc/passwd")]
    [InlineData("ftp://example.com/")]
    [InlineData("//example.com/")]
    [InlineData("/relative")]
    [InlineData("example.com")]
    [InlineData("https:\\\\\\\\example.com")]
    [InlineData("https://known.example@evil.example/")]
    [InlineData("https://user:password@example.com/")]
    [InlineData("https://")]
    [InlineData("https:///path")]
    [InlineData("http://exa mple.com/")]
    [InlineData("")]
    public void Links_lead_to_the_web_and_say_where(string url) => Assert.False(EmbedRules.TryRead(Json($$"""{"title":"a","url":"{{url}}"}"""), out _));

    [Theory]
    [InlineData("https://example.com", "https://example.com/")]
    [InlineData("HTTP://Example.COM:80/a b", null)]
    [InlineData("https://example.com/\\\"><script>", "https://example.com/%22%3E%3Cscript%3E")]
    [InlineData("https://bücher.example/ü", "https://xn--bcher-kva.example/%C3%BC")]
    [InlineData("https://аpple.example/", "https://xn--pple-43d.example/")]
    [InlineData("http://[::1]:8080/x", "http://[::1]:8080/x")]
    public void A_link_has_one_form_that_no_letter_can_disguise(string url, string? form)
    {
        Assert.Equal(form is not null, EmbedRules.TryRead(Json($$"""{"url":"{{url}}"}"""), out var read));
        Assert.Equal(form, read?.Url);
    }

    [Fact]
    public void What_is_shown_is_cleaned()
    {
        Assert.True(EmbedRules.TryRead(Json("""{"title":"a\nb\u202e","description":"c\r\nd","fields":[{"name":"e\u200b","value":"f\u0007"}]}"""), out var read));
        Assert.Equal(("a b", "c\nd", new MessageEmbedField("e", "f")), (read.Title, read.Description, Assert.Single(read.Fields!)));
    }

    [Theory]
    [InlineData("""{"id":"a1"}""", null, null, null)]
    [InlineData("""{"id":"a1","name":"cat.png","type":"image/PNG","size":5}""", "cat.png", "image/png", 5L)]
    [InlineData("""{"id":"a1","name":"../../etc/passwd","size":104857600}""", "passwd", null, 104857600L)]
    [InlineData("""{"id":"a1","name":"C:\\x\\y.exe"}""", "y.exe", null, null)]
    [InlineData("""{"id":"a1","name":"invoice\u202efdp.exe"}""", "invoicefdp.exe", null, null)]
    [InlineData("""{"id":"a1","name":".."}""", null, null, null)]
    public void An_attachment_refers_to_an_upload(string json, string? name, string? type, long? size)
    {
        Assert.True(AttachmentRules.TryRead(Json(json), out var read));
        Assert.Equal(new MessageAttachment("a1", name, type, size), read);
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"id":null}""")]
    [InlineData("""{"id":"../x"}""")]
    [InlineData("""{"id":"a1","url":"https://evil.example/"}""")]
    [InlineData("""{"id":"a1","size":-1}""")]
    [InlineData("""{"id":"a1","size":104857601}""")]
    [InlineData("""{"id":"a1","type":"text"}""")]
    [InlineData("""{"id":"a1","type":"text/html; charset=x"}""")]
    [InlineData("""{"id":"a1","type":"<b>/x"}""")]
    [InlineData("""["a1"]""")]
    public void What_does_not_is_refused(string json) => Assert.False(AttachmentRules.TryRead(Json(json), out _));

    [Fact]
    public void Random_json_never_throws()
    {
        const int seed = 20304;
        var random = new Random(seed);
        string[] parts = ["{", "}", "[", "]", ":", ",", "\"title\"", "\"url\"", "\"fields\"", "\"name\"", "\"value\"", "\"id\"", "\"\\ud800\"", "1", "-1e400", "null", "true", "\"https://e.example\""];
        var read = 0;
        for (var i = 0; i < 50_000; i++)
        {
            var json = string.Concat(Enumerable.Range(0, random.Next(1, 14)).Select(_ => parts[random.Next(parts.Length)]));
            try
            {
                using var document = JsonDocument.Parse(json);
                EmbedRules.TryRead(document.RootElement, out _);
                AttachmentRules.TryRead(document.RootElement, out _);
                read++;
            }
            catch (JsonException)
            {
                // The hub's own parser refuses it before anybody looks.
                continue;
            }
        }
        Assert.True(read > 100, $"{read} of them were JSON");
    }
}
