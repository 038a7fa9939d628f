using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Realtime.Contracts;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Sessions;
using Realtime.Tests.Harness;
using Realtime.Tests.Signaling.Hubs;
using Xunit;

namespace Realtime.Tests.Signaling.Auth;

/// <summary>Two replicas that trust an issuer of the test's own.</summary>
public sealed class IssuedReplicas : TwoReplicas
{
    public TinyIssuer Issuer { get; } = new();

    protected override async ValueTask<IReadOnlyDictionary<string, string?>> MoreSettingsAsync()
    {
        await Issuer.StartAsync();
        return new Dictionary<string, string?> { ["Auth:Authority"] = Issuer.Url, ["Auth:Audience"] = TinyIssuer.Audience };
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Issuer.DisposeAsync();
    }
}

/// <summary>An external issuer: what its tokens are worth, what forged ones are not, and its death.</summary>
public sealed class IssuerTests(IssuedReplicas replicas) : IClassFixture<IssuedReplicas>
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    TinyIssuer Issuer => replicas.Issuer;

    async Task<HttpResponseMessage> AskAsync(string token, string path = "/api/me")
    {
        using var http = new HttpClient { BaseAddress = replicas.Servers[0] };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await http.GetAsync(path);
    }

    async Task<HttpStatusCode> StatusAsync(string token)
    {
        using var response = await AskAsync(token);
        return response.StatusCode;
    }

    JsonObject With(string claim, JsonNode? value)
    {
        var claims = Issuer.Claims("eve");
        claims.Remove(claim);
        if (value is not null)
            claims[claim] = value;
        return claims;
    }

    [Fact]
    public async Task Both_algorithms_are_good_and_our_own_keys_still_are()
    {
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(Issuer.Rs256(Issuer.Claims("ann"))));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(Issuer.Es256(Issuer.Claims("ann"))));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(replicas.Token("ann")));
        await using var hub = await HubClient.ConnectAsync(new HubClientOptions(replicas.Servers[1], Issuer.Rs256(Issuer.Claims("ann"))));
        await hub.InvokeAsync<HelloResult>("Hello", new HelloRequest());
        await hub.InvokeAsync<JoinChannelResult>("JoinChannel", new JoinChannelRequest("general"));
    }

    [Fact]
    public async Task Whatever_is_not_exactly_right_is_refused()
    {
        var good = Issuer.Rs256(Issuer.Claims("eve"));
        string[] forged =
        [
            Issuer.Hs256WithThePublicKey(Issuer.Claims("eve")),
            TinyIssuer.Unsigned(Issuer.Claims("eve"), Issuer.RsaId),
            TinyIssuer.Unsigned(Issuer.Claims("eve"), AuthOptions.DevelopmentKey),
            Issuer.Rs256(Issuer.Claims("eve"), keyId: "ec-1"),
            Issuer.Rs256(Issuer.Claims("eve"), algorithm: "ES256"),
            Issuer.Rs256(Issuer.Claims("eve"), algorithm: "RS384"),
            Issuer.Rs256(Issuer.Claims("eve"), keyId: "enc-1"),
            Issuer.Rs256(Issuer.Claims("eve"), keyId: "unknown"),
            Issuer.Rs256(Issuer.Claims("eve"), keyId: "../../keys"),
            Issuer.Rs256(Issuer.Claims("eve"), header: new JsonObject { ["alg"] = "RS256", ["kid"] = Issuer.RsaId, ["crit"] = new JsonArray("exp") }),
            Issuer.Rs256(Issuer.Claims("eve"), header: new JsonObject { ["alg"] = "RS256" }),
            Issuer.Es256(Issuer.Claims("eve"), keyId: Issuer.RsaId),
            Issuer.Rs256(With("aud", "other")),
            Issuer.Rs256(With("aud", null)),
            Issuer.Rs256(With("iss", Issuer.Url + "/")),
            Issuer.Rs256(With("exp", null)),
            Issuer.Rs256(With("exp", 1)),
            Issuer.Rs256(With("exp", DateTimeOffset.UtcNow.AddYears(1).ToUnixTimeSeconds())),
            Issuer.Rs256(With("nbf", DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds())),
            Issuer.Rs256(With("sub", "no user")),
            Issuer.Rs256(With("grants", "all")),
            good[..^2],
            good[..good.LastIndexOf('.')] + ".",
            good + ".x",
            good.Replace('.', '!'),
        ];
        foreach (var token in forged)
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(token));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(good));
    }

    [Fact]
    public async Task When_it_dies_who_is_in_stays_in_and_who_is_known_comes_in_until_it_is_back()
    {
        var brief = Issuer.Claims("brief", TimeSpan.FromSeconds(8));
        await using var hub = await HubClient.ConnectAsync(new HubClientOptions(replicas.Servers[0], Issuer.Rs256(brief)));
        await hub.InvokeAsync<HelloResult>("Hello", new HelloRequest());
        await Issuer.KillAsync();
        var (circuit, mode) = (replicas.Service<AuthCircuit>(0), replicas.Service<ModeMonitor>(0));
        // As its loop would find out within half a minute.
        for (var i = 0; i < 5; i++)
        {
            if (circuit.Circuit.TryEnter(out var ticket))
                circuit.Circuit.Failure(ticket, nameof(HttpRequestException));
        }
        await Eventually.TrueAsync(() => mode.State is { Mode: "degraded", Reasons: ["auth"] }, Patience);

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(Issuer.Rs256(Issuer.Claims("ann"))));
        using (var unknown = await AskAsync(Issuer.Rs256(Issuer.Claims("ann"), keyId: "rsa-2")))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, unknown.StatusCode);
            Assert.NotNull(unknown.Headers.RetryAfter);
        }
        using (var login = await MintAsync())
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, login.StatusCode);
            Assert.InRange(login.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(31));
        }
        // Its token ends, and nobody can give it another.
        await Eventually.TrueAsync(() => DateTimeOffset.UtcNow.ToUnixTimeSeconds() > (long)brief["exp"]! + 3, Patience);
        await hub.InvokeAsync<JoinChannelResult>("JoinChannel", new JoinChannelRequest("general"));

        Issuer.RsaId = "rsa-2";
        await Issuer.StartAsync();
        circuit.Circuit.Reset();
        await Eventually.TrueAsync(async () => await StatusAsync(Issuer.Rs256(Issuer.Claims("ann"))) == HttpStatusCode.OK, Patience);
        Assert.Equal(CloseCode.Expired, (await hub.Closed.WaitAsync(Patience)).Code);
        await Eventually.TrueAsync(() => mode.State.Mode == "normal", Patience);
        using var again = await MintAsync();
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Issuer.RsaId = "rsa-1";
    }

    async Task<HttpResponseMessage> MintAsync()
    {
        using var http = new HttpClient { BaseAddress = replicas.Servers[0] };
        http.DefaultRequestHeaders.Authorization = KeyTests.Basic(AuthOptions.DevelopmentKey, AuthOptions.DevelopmentSecret);
        return await System.Net.Http.Json.HttpClientJsonExtensions.PostAsJsonAsync(http, "/api/tokens", new TokenRequest("ann"));
    }
}
