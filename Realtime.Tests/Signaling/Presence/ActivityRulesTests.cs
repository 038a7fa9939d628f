using System.Text.Json;
using Realtime.Contracts;
using Realtime.Signaling.Presence;
using Xunit;

namespace Realtime.Tests.Signaling.Presence;

public class ActivityRulesTests
{
    static RealtimeError? Read(string json, out UserActivity? activity)
    {
        using var document = JsonDocument.Parse(json);
        return ActivityRules.Read(document.RootElement.Clone(), out activity);
    }

    [Theory]
    [InlineData("null", null)]
    [InlineData("\"chess\"", "chess")]
    [InlineData("\"  a\\u0000b\\u0007c\\r\\n \"", "abc")]
    [InlineData("\"\\u202egnp.exe\\u2066\"", "gnp.exe")]
    [InlineData("{\"name\":\"chess\",\"evil\":{\"a\":1},\"type\":null}", "chess")]
    [InlineData("\"👨‍👩‍👧\"", "👨‍👩‍👧")]
    public void Only_plain_text_is_left(string json, string? name)
    {
        Assert.Null(Read(json, out var activity));
        Assert.Equal(name, activity?.Name);
    }

    [Fact]
    public void An_object_has_three_members_and_no_more()
    {
        Assert.Null(Read("""{"type":"game","name":"chess","details":"move 3","url":"javascript:alert(1)"}""", out var activity));
        Assert.Equal(new UserActivity("chess", "game", "move 3"), activity);
        Assert.Null(ActivityRules.Read(null, out activity));
        Assert.Null(activity);
    }

    [Theory]
    [InlineData("5")]
    [InlineData("[]")]
    [InlineData("true")]
    [InlineData("{}")]
    [InlineData("\"\"")]
    [InlineData("\"\\u0001\"")]
    [InlineData("\"\\ud800\"")]
    [InlineData("{\"name\":5}")]
    [InlineData("{\"name\":\"x\",\"type\":{}}")]
    public void What_is_none_is_refused(string json) => Assert.Equal(ErrorCode.Invalid, Read(json, out _)?.Code);

    [Fact]
    public void Lengths_are_kept_to()
    {
        Assert.Null(Read($"\"{new string('x', 128)}\"", out _));
        Assert.Equal(ErrorCode.Invalid, Read($"\"{new string('x', 129)}\"", out _)?.Code);
        Assert.Equal(ErrorCode.Invalid, Read($$"""{"name":"x","details":"{{new string('x', 257)}}"}""", out _)?.Code);
        Assert.Equal(ErrorCode.TooLarge, Read($$"""{"name":"x","rest":"{{new string('x', 5000)}}"}""", out _)?.Code);
    }
}
