using System.Net;
using System.Security.Cryptography;
using System.Text;
using Realtime.Media.Core;
using Realtime.Media.Ice;
using Xunit;

namespace Realtime.Tests.Media.Ice;

/// <summary>RFC 5769.</summary>
public class StunVectorTests
{
    static readonly byte[] Password = "VOkJxbRl1RmTxUk/WvJxBt"u8.ToArray();

    public static readonly byte[] Request = Convert.FromHexString(
        "000100582112A442B7E7A701BC34D686FA87DFAE"
        + "802200105354554E207465737420636C69656E74"
        + "002400046E0001FF"
        + "80290008932FF9B151263B36"
        + "000600096576746A3A68367659202020"
        + "000800149AEAA70CBFD8CB56781EF2B5B2D3F249C1B571A2"
        + "80280004E57A3BCF");

    const string ResponseV4 =
        "0101003C2112A442B7E7A701BC34D686FA87DFAE"
        + "8022000B7465737420766563746F7220"
        + "002000080001A147E112A643"
        + "000800142B91F599FD9E90C38C7489F92AF9BA53F06BE7D7"
        + "80280004C07D4C96";

    const string ResponseV6 =
        "010100482112A442B7E7A701BC34D686FA87DFAE"
        + "8022000B7465737420766563746F7220"
        + "002000140002A1470113A9FAA5D3F179BC25F4B5BED2B9D9"
        + "00080014A382954E4BE67BF11784C97C8292C275BFE3ED41"
        + "80280004C8FB0B4C";

    const string LongTermRequest =
        "000100602112A44278AD3433C6AD72C029DA412E"
        + "00060012E3839EE38388E383AAE38383E382AFE382B90000"
        + "0015001C662F2F3439396B39353464364F4C33346F4C39465354767936347341"
        + "0014000B6578616D706C652E6F726700"
        + "00080014F67024656DD64A3E02B8E0712E85C9A28CA89666";

    [Fact]
    public void Sample_request()
    {
        Assert.True(StunMessage.TryRead(Request, out var message));
        Assert.True(message.IsBindingRequest);
        Assert.Equal("evtj:h6vY", Encoding.ASCII.GetString(message.Username));
        Assert.Equal("STUN test client", Encoding.ASCII.GetString(message.Software));
        Assert.Equal(0x6E0001FFu, message.Priority);
        Assert.Equal(0x932FF9B151263B36u, message.Controlled);
        Assert.Null(message.Controlling);
        Assert.False(message.UseCandidate);
        Assert.True(StunFingerprint.Verify(message));
        Assert.True(MessageIntegrity.Verify(message, Password));
        Assert.False(MessageIntegrity.Verify(message, "another password 12345"u8));
        Assert.True(StunMessage.TryReadLocalUfrag(Request, out var ufrag));
        Assert.Equal("evtj", ufrag.ToString());
    }

    [Theory]
    [InlineData(ResponseV4, "192.0.2.1")]
    [InlineData(ResponseV6, "2001:db8:1234:5678:11:2233:4455:6677")]
    public void Sample_responses(string hex, string address)
    {
        Assert.True(StunMessage.TryRead(Convert.FromHexString(hex), out var message));
        Assert.Equal(StunClass.Success, message.Class);
        Assert.Equal(new IPEndPoint(IPAddress.Parse(address), 32853), message.MappedAddress!.Value.ToIPEndPoint());
        Assert.True(StunFingerprint.Verify(message));
        Assert.True(MessageIntegrity.Verify(message, Password));
    }

    [Fact]
    public void Sample_request_with_long_term_authentication()
    {
        Assert.True(StunMessage.TryRead(Convert.FromHexString(LongTermRequest), out var message));
        Assert.Equal(0, message.UnknownRequired);
        var key = MD5.HashData(Encoding.UTF8.GetBytes("マトリックス:example.org:TheMatrIX"));
        Assert.True(MessageIntegrity.Verify(message, key));
        Assert.False(StunFingerprint.Verify(message));
    }

    [Fact]
    public void The_writer_makes_the_sample_response_but_for_its_padding_and_name()
    {
        foreach (var hex in new[] { ResponseV4, ResponseV6 })
        {
            Assert.True(StunMessage.TryRead(Convert.FromHexString(hex), out var expected));
            var buffer = new byte[200];
            var writer = new StunWriter(buffer, StunClass.Success, expected.TransactionId);
            writer.XorMappedAddress(expected.MappedAddress!.Value);
            var length = writer.Finish(Password);
            Assert.True(StunMessage.TryRead(buffer.AsSpan(0, length), out var written));
            Assert.Equal(expected.MappedAddress, written.MappedAddress);
            Assert.True(StunFingerprint.Verify(written) && MessageIntegrity.Verify(written, Password));

            var tooSmall = new StunWriter(buffer.AsSpan(0, length - 1), StunClass.Success, expected.TransactionId);
            tooSmall.XorMappedAddress(expected.MappedAddress!.Value);
            Assert.Equal(0, tooSmall.Finish(Password));
        }
    }

    [Fact]
    public void Cut_or_lengthened_messages_are_refused()
    {
        for (var length = 0; length < Request.Length; length++) Assert.False(StunMessage.TryRead(Request.AsSpan(0, length), out _));
        Assert.False(StunMessage.TryRead([.. Request, 0], out _));
        Assert.False(StunMessage.TryRead([.. Request, 0, 0, 0, 0], out _));
    }

    [Fact]
    public void Damaged_messages_never_throw_and_are_never_authentic()
    {
        const ulong seed = 5769;
        var random = new Entropy(seed);
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = Request.ToArray();
            var changes = 1 + random.NextInt32(4);
            for (var c = 0; c < changes; c++) bytes[random.NextInt32(bytes.Length)] ^= (byte)(1 + random.NextInt32(255));
            StunMessage.TryReadLocalUfrag(bytes, out _);
            if (!StunMessage.TryRead(bytes, out var message) || bytes.AsSpan().SequenceEqual(Request)) continue;
            Assert.False(StunFingerprint.Verify(message) && MessageIntegrity.Verify(message, Password), $"seed {seed}, round {i}");
        }
    }
}
