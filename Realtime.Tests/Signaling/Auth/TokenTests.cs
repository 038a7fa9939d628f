using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Options;
using Realtime.Contracts;
using Realtime.ServiceDefaults.Tokens;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;
using Realtime.Tests.CrashSafety;
using Xunit;

namespace Realtime.Tests.Signaling.Auth;

public sealed class TokenTests
{
    const string Secret = "a-secret-of-a-team-that-is-long-enough";
    const string OldSecret = "the-secret-before-it-also-long-enough!";

    readonly ManualTime _time = new();
    readonly Monitor _options = new(new AuthOptions { Keys = [new ApiKeyOptions { Id = "team", Secrets = [Secret, OldSecret] }] });
    readonly Revocations _revocations;
    readonly KeyRing _keys;
    readonly UserTokens _tokens;
    readonly ResumeTokens _resume;

    public TokenTests()
    {
        _revocations = new Revocations(null!, _time);
        _keys = new KeyRing(_options);
        _tokens = new UserTokens(_keys, _revocations, _options, _time);
        _resume = new ResumeTokens(_keys, _options, _time);
    }

    JsonObject Claims(string user = "ann") => new()
    {
        ["sub"] = user,
        ["iat"] = _time.GetUtcNow().ToUnixTimeSeconds(),
        ["exp"] = _time.GetUtcNow().AddHours(1).ToUnixTimeSeconds(),
        ["grants"] = JsonSerializer.SerializeToNode(new Grants(Channels: ["team-*"]), ContractsJson.Options),
    };

    bool Passes(JsonObject claims, string secret = Secret, string kid = "team") => _tokens.TryVerify(Hs256Jwt.Sign(kid, Encoding.UTF8.GetBytes(secret), claims), out _);

    [Fact]
    public void A_minted_token_says_what_was_asked_for_until_it_ends()
    {
        var minted = _tokens.Mint("team", new TokenRequest("ann", "Ann", "00:10:00", new Grants(Channels: ["team-*"], Publish: true)));
        Assert.True(_tokens.TryVerify(minted.Token, out var token));
        Assert.Equal(("ann", "Ann", minted.Expires), (token.User, token.Name, token.Expires));
        Assert.True(token.Grants.AllowsChannel("team-red") && token.Grants.AllowsPublish());
        Assert.False(token.Grants.AllowsChannel("general") || token.Grants.AllowsRoom("x") || token.Grants.AllowsSubscribe() || token.Grants.AllowsAdmin());
        _time.Advance(TimeSpan.FromMinutes(11));
        Assert.False(_tokens.TryVerify(minted.Token, out _));
    }

    [Fact]
    public void A_teams_own_signature_is_as_good_with_either_secret_and_with_no_other()
    {
        Assert.True(Passes(Claims()));
        Assert.True(Passes(Claims(), OldSecret));
        Assert.False(Passes(Claims(), AuthOptions.DevelopmentSecret));
        Assert.False(Passes(Claims(), kid: "other"));
    }

    [Fact]
    public void Claims_that_are_no_good_are_refused()
    {
        Assert.False(Passes(With("sub", "not a user")));
        Assert.False(Passes(With("sub", null)));
        Assert.False(Passes(With("iat", null)));
        Assert.False(Passes(With("exp", _time.GetUtcNow().AddDays(31).ToUnixTimeSeconds())));
        Assert.False(Passes(With("exp", 1e300)));
        Assert.False(Passes(With("grants", "all")));
        Assert.False(Passes(With("grants", JsonNode.Parse("""{"channels":[null]}"""))));
    }

    JsonObject With(string claim, JsonNode? value)
    {
        var claims = Claims();
        claims.Remove(claim);
        if (value is not null)
            claims[claim] = value;
        return claims;
    }

    [Theory]
    [InlineData("user", "no spaces", null, null)]
    [InlineData("name", "ann", "tab\there", null)]
    [InlineData("ttl", "ann", null, "soon")]
    [InlineData("ttl", "ann", null, "31.00:00:00")]
    [InlineData("ttl", "ann", null, "-00:01:00")]
    public void What_cannot_be_minted_is_named(string field, string user, string? name, string? ttl) =>
        Assert.Equal(field, Assert.Throws<RealtimeException>(() => _tokens.Mint("team", new TokenRequest(user, name, ttl))).Error.Field);

    [Fact]
    public void Revoking_voids_what_was_issued_before_and_nothing_after()
    {
        var before = _tokens.Mint("team", new TokenRequest("ann"));
        var other = _tokens.Mint("team", new TokenRequest("bob"));
        _time.Advance(TimeSpan.FromSeconds(5));
        var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        _revocations.Take(new OutboxEntry(1, 1, OutboxKind.Revoked, "ann", 0, 1, $"{now} {now + 86_400_000}", true));
        Assert.False(_tokens.TryVerify(before.Token, out _));
        Assert.True(_tokens.TryVerify(other.Token, out var bob));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(_tokens.TryVerify(_tokens.Mint("team", new TokenRequest("ann")).Token, out _));
        _revocations.Take(new OutboxEntry(1, 2, OutboxKind.Revoked, bob.Id, 0, 0, $"{now} {now + 86_400_000}", true));
        Assert.False(_tokens.TryVerify(other.Token, out _));
        _time.Advance(TimeSpan.FromDays(2));
        _revocations.Sweep();
        Assert.False(_revocations.IsRevoked(bob));
    }

    [Fact]
    public void Keys_are_compared_whole()
    {
        Assert.True(_keys.Matches("team", Secret));
        Assert.True(_keys.Matches("team", OldSecret));
        Assert.False(_keys.Matches("team", Secret[..^1]));
        Assert.False(_keys.Matches("team", ""));
        Assert.False(_keys.Matches("nobody", Secret));
    }

    [Fact]
    public void A_resume_token_is_bound_to_its_user_and_to_time_and_survives_a_rotation()
    {
        var token = _resume.Issue("s1", "ann");
        Assert.True(_resume.TryVerify(token, "ann", out var session));
        Assert.Equal("s1", session);
        Assert.False(_resume.TryVerify(token, "bob", out _));
        Assert.False(_resume.TryVerify(token.Replace("s1", "s2"), "ann", out _));
        Assert.False(_resume.TryVerify(null, "ann", out _));
        Assert.False(_resume.TryVerify("r1...", "ann", out _));
        _options.Change(new AuthOptions { Keys = [new ApiKeyOptions { Id = "team", Secrets = ["a-new-secret-that-is-long-enough-too!!", Secret] }] });
        Assert.True(_resume.TryVerify(token, "ann", out _));
        _time.Advance(TimeSpan.FromHours(25));
        Assert.False(_resume.TryVerify(token, "ann", out _));
    }

    [Theory]
    [InlineData("Basic dGVhbTpzOmVjcmV0", "team", "s:ecret")]
    [InlineData("basic dGVhbTo=", "team", "")]
    public void Basic_credentials_split_at_the_first_colon(string header, string key, string secret)
    {
        Assert.True(BasicCredentials.TryRead(header, out var readKey, out var readSecret));
        Assert.Equal((key, secret), (readKey, readSecret));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Bearer x")]
    [InlineData("Basic ???")]
    [InlineData("Basic dGVhbQ==")]
    [InlineData("Basic OnNlY3JldA==")]
    public void Anything_else_is_no_credential(string? header) => Assert.False(BasicCredentials.TryRead(header, out _, out _));

    [Fact]
    public void Production_does_not_start_with_the_key_that_everybody_knows()
    {
        var options = new AuthOptions { Keys = [new ApiKeyOptions { Id = "mine", Secrets = [AuthOptions.DevelopmentSecret] }] };
        Assert.True(Validate("Production", options).Failed);
        Assert.Contains("development key", Validate("Production", options).FailureMessage);
        Assert.True(Validate("Development", options).Succeeded);
        var none = new AuthOptions();
        new AuthOptions.Defaults(new HostingEnvironment { EnvironmentName = "Production" }).PostConfigure(null, none);
        Assert.Empty(none.Keys);
        new AuthOptions.Defaults(new HostingEnvironment { EnvironmentName = "Development" }).PostConfigure(null, none);
        Assert.Equal(AuthOptions.DevelopmentKey, Assert.Single(none.Keys).Id);
    }

    static ValidateOptionsResult Validate(string environment, AuthOptions options) =>
        new AuthOptions.Validator(new HostingEnvironment { EnvironmentName = environment }).Validate(null, options);

    sealed class Monitor(AuthOptions options) : IOptionsMonitor<AuthOptions>
    {
        Action<AuthOptions, string?>? _changed;

        public AuthOptions CurrentValue { get; private set; } = options;

        public AuthOptions Get(string? name) => CurrentValue;

        public IDisposable? OnChange(Action<AuthOptions, string?> listener)
        {
            _changed += listener;
            return null;
        }

        public void Change(AuthOptions options)
        {
            CurrentValue = options;
            _changed?.Invoke(options, null);
        }
    }
}
