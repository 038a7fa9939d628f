using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Realtime.Client;
using Realtime.Client.Connection;
using Realtime.Contracts;
using Realtime.ServiceDefaults.Tokens;
using Xunit;

namespace Realtime.Tests.Clients.Dotnet;

/// <summary>How connecting fails, and what tokens have to do with it.</summary>
public sealed class ConnectionTests : IAsyncLifetime
{
    readonly List<string> _tokens = [];
    WebApplication _server = null!;
    int _status = 503;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        _server = builder.Build();
        _server.Run(http =>
        {
            lock (_tokens)
                _tokens.Add(http.Request.Headers.Authorization.ToString());
            http.Response.StatusCode = _status;
            return Task.CompletedTask;
        });
        await _server.StartAsync();
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(401, ErrorCode.Unauthenticated)]
    [InlineData(403, ErrorCode.Forbidden)]
    public async Task A_refusal_for_good_is_told_at_once(int status, string code)
    {
        _status = status;
        var refused = await Assert.ThrowsAsync<RealtimeException>(() => RealtimeClient.ConnectAsync(new(Server) { Token = "fixed" }));
        Assert.Equal((code, 1), (refused.Code, _tokens.Count));
    }

    [Fact]
    public async Task A_refused_token_is_replaced()
    {
        _status = 401;
        var asked = 0;
        var refused = await Assert.ThrowsAsync<RealtimeException>(() => RealtimeClient.ConnectAsync(new(Server)
        {
            Token = RealtimeToken.From(_ => Task.FromResult($"token-{Interlocked.Increment(ref asked)}")),
            FirstPause = TimeSpan.FromMilliseconds(10),
            MaxPause = TimeSpan.FromMilliseconds(10),
            ConnectTimeout = TimeSpan.FromSeconds(1),
        }));
        Assert.Equal(ErrorCode.Unauthenticated, refused.Code);
        Assert.Equal(["Bearer token-1", "Bearer token-2"], _tokens.Take(2));
    }

    [Fact]
    public async Task A_server_that_is_busy_is_tried_again_until_patience_ends()
    {
        var failure = await Assert.ThrowsAsync<RealtimeException>(() => RealtimeClient.ConnectAsync(new(Server)
        {
            Token = "fixed",
            FirstPause = TimeSpan.FromMilliseconds(10),
            MaxPause = TimeSpan.FromMilliseconds(10),
            ConnectTimeout = TimeSpan.FromSeconds(1),
        }));
        Assert.Equal(ErrorCode.Unavailable, failure.Code);
        Assert.InRange(_tokens.Count, 2, 100);
    }

    [Fact]
    public async Task A_service_with_a_key_signs_for_itself()
    {
        const string secret = "a-secret-of-at-least-thirty-two-bytes";
        var token = await RealtimeToken.FromKey("key", secret, "bot", new Grants(Channels: ["team-*"], Publish: true), name: "Bot").GetAsync(CancellationToken.None);
        Assert.True(Hs256Jwt.TryReadKeyId(token, out var key));
        Assert.Equal(JwtFailure.None, Hs256Jwt.Verify(token, [Encoding.UTF8.GetBytes(secret)], DateTimeOffset.UtcNow, out var claims));
        Assert.Equal(("key", "bot", "Bot"), (key, claims.GetProperty("sub").GetString(), claims.GetProperty("name").GetString()));
        Assert.Equal("""{"channels":["team-*"],"publish":true}""", claims.GetProperty("grants").GetRawText());
    }

    [Theory]
    [InlineData(3600, 3540)]
    [InlineData(60, 30)]
    [InlineData(1, 5)]
    public void A_token_is_renewed_before_it_ends(int lifetime, int pause)
    {
        var payload = Convert.ToBase64String(Encoding.UTF8.GetBytes($$"""{"exp":{{DateTimeOffset.UtcNow.ToUnixTimeSeconds() + lifetime}}}""")).TrimEnd('=');
        var cache = new TokenCache(RealtimeToken.From(_ => Task.FromResult("")));
        Assert.InRange(cache.RenewIn($"x.{payload}.x")!.Value.TotalSeconds, pause - 2, pause + 1);
        Assert.Null(cache.RenewIn("opaque"));
        Assert.Null(new TokenCache("fixed").RenewIn($"x.{payload}.x"));
    }

    Uri Server => new(_server.Urls.First());
}
