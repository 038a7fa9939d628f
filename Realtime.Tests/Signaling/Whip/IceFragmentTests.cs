using System.Text;
using FsCheck.Fluent;
using Realtime.Contracts;
using Realtime.Signaling.Whip;
using Realtime.Tests.Media.Harness;
using Xunit;

namespace Realtime.Tests.Signaling.Whip;

public sealed class IceFragmentTests
{
    const string Candidate = "a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0 ufrag EsAw network-id 1";

    /// <summary>The example of RFC 9725 §4.3.2, with transports and addresses we could not use.</summary>
    const string Good = $"""
        a=ice-options:trickle ice2
        a=group:BUNDLE 0 1
        m=audio 9 UDP/TLS/RTP/SAVPF 111
        a=mid:0
        a=ice-ufrag:EsAw
        a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1
        {Candidate}
        a=candidate:473322822 1 tcp 1518280447 some-name.local 9 typ host tcptype active
        a=candidate:1 1 carrier-pigeon 1 fd00::1 9 typ relay raddr 0.0.0.0 rport 0
        a=end-of-candidates
        """;

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    public void A_fragment_names_the_clients_credentials(string newLine)
    {
        Assert.True(IceFragment.TryRead(Good.ReplaceLineEndings(newLine), out var fragment, out var error), error?.Message);
        Assert.Equal(("EsAw", "P2uYro0UCOQ4zxjKXaWCBui1"), (fragment.Ufrag, fragment.Pwd));
    }

    [Fact]
    public void Candidates_alone_are_a_fragment_too()
    {
        Assert.True(IceFragment.TryRead($"a=mid:0\r\n{Candidate}\r\n", out var fragment, out _));
        Assert.Null(fragment.Ufrag);
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("\r\n\r\n", null)]
    [InlineData("m=audio 9 UDP/TLS/RTP/SAVPF 111", null)]
    [InlineData("nonsense", null)]
    [InlineData("{\"a\":1}", null)]
    [InlineData("a=mid:0\0", null)]
    [InlineData("a=ice-ufrag:EsAw", "a=ice-pwd")]
    [InlineData("a=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1", "a=ice-ufrag")]
    [InlineData("a=ice-ufrag:abc\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1", "a=ice-ufrag")]
    [InlineData("a=ice-ufrag:EsAw\na=ice-pwd:short", "a=ice-pwd")]
    [InlineData("a=ice-ufrag:Es w\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1", "a=ice-ufrag")]
    [InlineData("a=ice-ufrag:EsAw\na=ice-ufrag:Other", "a=ice-ufrag")]
    [InlineData("a=candidate:1 1 udp", "a=candidate")]
    [InlineData("a=candidate:1 1 udp x 192.0.2.1 5 typ host", "a=candidate")]
    [InlineData("a=candidate:1 1 udp 1 192.0.2.1 70000 typ host", "a=candidate")]
    public void What_is_malformed_is_named(string text, string? field)
    {
        Assert.False(IceFragment.TryRead(text, out _, out var error));
        Assert.Equal((ErrorCode.Invalid, field), (error.Code, error.Field));
    }

    [Fact]
    public void A_fragment_has_a_limit()
    {
        Assert.False(IceFragment.TryRead(string.Join('\n', Enumerable.Repeat(Candidate, 600)), out _, out var error));
        Assert.Equal(ErrorCode.TooLarge, error.Code);
    }

    [Fact]
    public void Whatever_comes_nothing_is_thrown() => RandomInput.Check(
        RandomInput.Bytes(40).SelectMany(bytes => Gen.Choose(0, Good.Length).Select(at => Good.Insert(at, Encoding.Latin1.GetString(bytes)))),
        text => Assert.Equal(!IceFragment.TryRead(text, out var fragment, out var error), fragment is null && error is not null));
}
