using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Realtime.ServiceDefaults.Tokens;
using Xunit;

namespace Realtime.Tests.ServiceDefaults;

public class Hs256JwtTests
{
    static readonly byte[] Secret = Encoding.UTF8.GetBytes("dev-secret-change-me-32-bytes-long!");
    static readonly byte[] OtherSecret = Encoding.UTF8.GetBytes("another-secret-that-is-long-enough!");
    static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    static JsonObject Claims(long expiresIn = 60) => new() { ["sub"] = "ann", ["exp"] = Now.ToUnixTimeSeconds() + expiresIn };

    static JwtFailure Verify(string token, string? audience = null, string? issuer = null) => Hs256Jwt.Verify(token, [Secret], Now, out _, audience, issuer);

    /// <summary>A token made outside the class under test, with any header and payload.</summary>
    static string Forge(string header, string payload, byte[]? secret = null)
    {
        var signed = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(payload))}";
        return $"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(secret ?? Secret, Encoding.ASCII.GetBytes(signed)))}";
    }

    static string Payload(long expiresIn = 60, string more = "") => $$"""{"sub":"ann","exp":{{Now.ToUnixTimeSeconds() + expiresIn}}{{more}}}""";

    /// <summary>RFC 7515, appendix A.1.</summary>
    [Fact]
    public void Verifies_the_example_of_RFC_7515()
    {
        const string Token = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        var key = Base64Url.DecodeFromChars("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow");
        var expiry = DateTimeOffset.FromUnixTimeSeconds(1300819380);
        Assert.Equal(JwtFailure.None, Hs256Jwt.Verify(Token, [key], expiry, out var claims));
        Assert.Equal("joe", claims.GetProperty("iss").GetString());
        Assert.Equal(JwtFailure.Expired, Hs256Jwt.Verify(Token, [key], expiry.AddSeconds(5), out _));
    }

    [Fact]
    public void What_is_signed_is_verified_and_names_its_key()
    {
        var token = Hs256Jwt.Sign("dev", Secret, Claims());
        Assert.True(Hs256Jwt.TryReadKeyId(token, out var kid));
        Assert.Equal("dev", kid);
        Assert.Equal(JwtFailure.None, Hs256Jwt.Verify(token, [OtherSecret, Secret], Now, out var claims));
        Assert.Equal("ann", claims.GetProperty("sub").GetString());
        Assert.Equal(JwtFailure.Signature, Hs256Jwt.Verify(token, [OtherSecret], Now, out claims));
        Assert.Equal(JwtFailure.Signature, Hs256Jwt.Verify(token, [], Now, out claims));
        Assert.Equal(default, claims.ValueKind);
    }

    [Fact]
    public void Every_changed_character_is_noticed()
    {
        var token = Hs256Jwt.Sign("dev", Secret, Claims());
        for (var i = 0; i < token.Length; i++)
        {
            if (token[i] == '.')
                continue;
            var changed = token.ToCharArray();
            changed[i] = changed[i] == 'A' ? 'B' : 'A';
            // The last character of a base64url part has bits that decode to nothing: a change there may leave the same bytes.
            if (i == token.Length - 1)
                continue;
            Assert.NotEqual(JwtFailure.None, Verify(new string(changed)));
        }
    }

    [Theory]
    [InlineData("""{"alg":"none"}""")]
    [InlineData("""{"alg":"None"}""")]
    [InlineData("""{"alg":"RS256"}""")]
    [InlineData("""{"alg":"HS512"}""")]
    [InlineData("""{"alg":"hs256"}""")]
    [InlineData("""{"alg":["HS256"]}""")]
    [InlineData("""{"typ":"JWT"}""")]
    [InlineData("""{"alg":"HS256","crit":["exp"]}""")]
    public void Only_HS256_with_nothing_critical_is_taken(string header)
    {
        Assert.Equal(JwtFailure.Algorithm, Verify(Forge(header, Payload())));
        Assert.False(Hs256Jwt.TryReadKeyId(Forge(header, Payload()), out _));
        var unsigned = Forge(header, Payload());
        Assert.Equal(JwtFailure.Algorithm, Verify(unsigned[..(unsigned.LastIndexOf('.') + 1)]));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a.b")]
    [InlineData("a.b.c.d")]
    [InlineData("e30=.e30=.e30=")]
    [InlineData("bm90IGpzb24.e30.e30")]
    [InlineData("W10.e30.e30")]
    [InlineData("\u0000.\uffff.\ud800")]
    public void Nonsense_is_malformed_and_never_throws(string token)
    {
        Assert.Equal(JwtFailure.Malformed, Verify(token));
        Assert.False(Hs256Jwt.TryReadKeyId(token, out _));
    }

    [Theory]
    [InlineData("""{"alg":"HS256","alg":"HS256"}""")]
    [InlineData("""{"alg":"HS256","kid":"\ud800"}""")]
    [InlineData("""{"alg":"HS256","kid":7}""")]
    [InlineData("""{"alg":"HS256","a":[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]}""")]
    public void Headers_that_mean_two_things_are_malformed(string header) => Assert.Equal(JwtFailure.Malformed, Verify(Forge(header, Payload())));

    [Fact]
    public void Too_large_is_refused_unread()
    {
        var token = Forge("""{"alg":"HS256"}""", Payload(more: $",\"x\":\"{new string('x', Hs256Jwt.MaxTokenLength)}\""));
        Assert.Equal(JwtFailure.TooLarge, Verify(token));
        Assert.False(Hs256Jwt.TryReadKeyId(token, out _));
    }

    [Fact]
    public void Expiry_is_required_and_clocks_may_be_five_seconds_apart()
    {
        const string Header = """{"alg":"HS256"}""";
        Assert.Equal(JwtFailure.None, Verify(Forge(Header, Payload(expiresIn: -4))));
        Assert.Equal(JwtFailure.Expired, Verify(Forge(Header, Payload(expiresIn: -5))));
        Assert.Equal(JwtFailure.NoExpiry, Verify(Forge(Header, """{"sub":"ann"}""")));
        Assert.Equal(JwtFailure.NoExpiry, Verify(Forge(Header, """{"exp":"4102444800"}""")));
        Assert.Equal(JwtFailure.NoExpiry, Verify(Forge(Header, """{"exp":1e999}""")));
        Assert.Equal(JwtFailure.None, Verify(Forge(Header, Payload(more: $",\"nbf\":{Now.ToUnixTimeSeconds() + 5}"))));
        Assert.Equal(JwtFailure.NotYetValid, Verify(Forge(Header, Payload(more: $",\"nbf\":{Now.ToUnixTimeSeconds() + 6}"))));
        Assert.Throws<ArgumentException>(() => Hs256Jwt.Sign(null, Secret, new JsonObject { ["sub"] = "ann" }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Hs256Jwt.Sign(null, new byte[31], Claims()));
    }

    [Fact]
    public void Audience_and_issuer_are_held_to_when_asked_for()
    {
        const string Header = """{"alg":"HS256"}""";
        var token = Forge(Header, Payload(more: ""","aud":"media-0","iss":"signaling" """));
        Assert.Equal(JwtFailure.None, Verify(token, "media-0", "signaling"));
        Assert.Equal(JwtFailure.Audience, Verify(token, "media-1", "signaling"));
        Assert.Equal(JwtFailure.Issuer, Verify(token, "media-0", "web"));
        Assert.Equal(JwtFailure.None, Verify(Forge(Header, Payload(more: ""","aud":["media-1","media-0"]""")), "media-0"));
        Assert.Equal(JwtFailure.Audience, Verify(Forge(Header, Payload(more: ""","aud":7""")), "media-0"));
        Assert.Equal(JwtFailure.Audience, Verify(Forge(Header, Payload()), "media-0"));
        Assert.Equal(JwtFailure.Issuer, Verify(Forge(Header, Payload()), issuer: "signaling"));
    }
}
