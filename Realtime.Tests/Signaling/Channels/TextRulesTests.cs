using System.Globalization;
using System.Text;
using Realtime.Signaling.Channels;
using Xunit;

namespace Realtime.Tests.Signaling.Channels;

public class TextRulesTests
{
    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("two\r\nlines\rand\nthree", "two\nlines\nand\nthree")]
    [InlineData("a\u2028b\u2029c\u0085d", "a\nb\nc\nd")]
    [InlineData("tab\tstays", "tab\tstays")]
    [InlineData("bell\u0007 escape\u001b[31m delete\u007f c1\u0090", "bell escape[31m delete c1")]
    [InlineData("file\u202egnp.exe", "filegnp.exe")]
    [InlineData("\u2066isolated\u2069 \u202aembedded\u202c", "isolated embedded")]
    [InlineData("pass\u200bword\u2060\ufeff\u00ad", "password")]
    [InlineData("\ufffe\uffff\ufdd0x", "x")]
    [InlineData("שלום مرحبا नमस्ते", "שלום مرحبا नमस्ते")]
    // Persian needs the non-joiner, families need the joiner; many in a row hide something.
    [InlineData("می\u200cخواهم", "می\u200cخواهم")]
    [InlineData("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧")]
    [InlineData("a\u200d\u200d\u200c\u200db", "a\u200db")]
    [InlineData("❤\ufe0f 🏳\ufe0f\u200d🌈", "❤\ufe0f 🏳\ufe0f\u200d🌈")]
    // Scotland's flag is written with tags; elsewhere they are a way to hide text.
    [InlineData("🏴\U000E0067\U000E0062\U000E0073\U000E0063\U000E0074\U000E007F!", "🏴\U000E0067\U000E0062\U000E0073\U000E0063\U000E0074\U000E007F!")]
    [InlineData("hi\U000E0068\U000E0069", "hi")]
    public void Text_stays_and_tricks_go(string given, string clean) => Assert.Equal(clean, TextRules.Clean(given));

    [Theory]
    [InlineData("")]
    [InlineData(" \n\t ")]
    [InlineData("\u200b\u200d\u200c\u2060")]
    [InlineData("\u3164\u115f\u2800")]
    [InlineData("\u0301\u0301")]
    [InlineData("\u202e\u0007\u200e")]
    public void What_cannot_be_seen_is_nothing(string given)
    {
        Assert.Equal("", TextRules.Clean(given));
        Assert.Equal("", TextRules.CleanLine(given));
    }

    [Fact]
    public void A_name_is_one_line() => Assert.Equal("a b c", TextRules.CleanLine(" a\nb\tc\u2029"));

    [Fact]
    public void Towers_of_marks_are_cut()
    {
        var tower = "Z" + string.Concat(Enumerable.Repeat("\u0335\u0489", 40)) + "!";
        Assert.Equal(1 + TextRules.MaxCombining + 1, TextRules.Clean(tower).Length);
    }

    /// <summary>Not as data of a theory: attributes cannot hold them.</summary>
    [Fact]
    public void Half_a_pair_is_replaced() => Assert.Equal("\ufffdalone and \ufffd", TextRules.Clean("\ud800alone and \udc00"));

    [Fact]
    public void Whatever_comes_in_the_result_is_clean_and_cleaning_it_again_changes_nothing()
    {
        const int seed = 20303;
        const string odd = "\0\r\n\t\u202e\u2066\u200d\u200c\u0301\u0489\ud83c\udff4\udb40\udc67\ufeff\u2028\ufffea <\u05e2";
        var random = new Random(seed);
        for (var round = 0; round < 5_000; round++)
        {
            var text = new string([.. Enumerable.Range(0, random.Next(60)).Select(_ => random.Next(4) == 0 ? (char)random.Next(0x10000) : odd[random.Next(odd.Length)])]);
            var clean = TextRules.Clean(text);
            Assert.Equal(clean, TextRules.Clean(clean));
            Assert.True(clean.Length <= text.Length);
            Assert.Equal(clean, Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(clean)));
            Assert.DoesNotContain(clean, static c => char.GetUnicodeCategory(c) == UnicodeCategory.Control && c is not '\n' and not '\t');
            Assert.DoesNotContain(clean, static c => c is (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069'));
            Assert.DoesNotContain('\n', TextRules.CleanLine(text));
        }
    }
}
