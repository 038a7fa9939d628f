using System.Text;
using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Xunit;

namespace Realtime.Tests.CrashSafety;

public class SafeJsonTests
{
    static byte[] Bytes(string json) => Encoding.UTF8.GetBytes(json);

    [Theory]
    [InlineData("{}", true)]
    [InlineData("""{"user":"ann","ttl":"01:00:00"}""", true)]
    [InlineData("""{"user":"ann","user":"bob"}""", false)]
    [InlineData("""{"user":"\ud800"}""", false)]
    [InlineData("""{"user":7}""", false)]
    [InlineData("null", false)]
    [InlineData("[1]", false)]
    [InlineData("", false)]
    [InlineData("{", false)]
    [InlineData("{} {}", false)]
    public void Reads_what_fits_and_refuses_the_rest(string json, bool fits) => Assert.Equal(fits, SafeJson.TryRead<TokenRequest>(Bytes(json), out _));

    [Fact]
    public void Size_depth_and_encoding_are_limited()
    {
        Assert.True(SafeJson.TryParse(Bytes(new string('[', 16) + new string(']', 16)), out var deep));
        deep.Dispose();
        Assert.False(SafeJson.TryParse(Bytes(new string('[', 17) + new string(']', 17)), out _));
        Assert.False(SafeJson.TryParse(Bytes($"\"{new string('x', 100)}\""), out _, maxBytes: 100));
        Assert.False(SafeJson.TryParse(new byte[] { (byte)'"', 0xC3, 0x28, (byte)'"' }, out _));
    }

    [Fact]
    public void Random_bytes_never_throw()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        const string Alphabet = "{}[]\",:\\u0d8truefalsnx1.e-+ \u00e9";
        for (var i = 0; i < 20_000; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(40)).Select(_ => Alphabet[random.Next(Alphabet.Length)]));
            var thrown = Record.Exception(() => SafeJson.TryRead<Grants>(Bytes(text), out _));
            Assert.True(thrown is null, $"seed {seed}: {text} threw {thrown}");
        }
    }
}
