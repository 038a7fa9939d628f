using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using Npgsql;
using Realtime.Contracts;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Data;
using Realtime.Tests.Harness;
using Realtime.Tests.Signaling.Hubs;
using Xunit;

namespace Realtime.Tests.Signaling.Auth;

/// <summary>Stored keys: made, rotated, retired and deleted at one replica, in force at the other; and never readable in the database.</summary>
[Collection(GuardCollection.Name)]
public sealed class KeyTests(TwoReplicas replicas)
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    internal static AuthenticationHeaderValue Basic(string id, string secret) => new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{id}:{secret}")));

    HttpClient Operator()
    {
        var http = new HttpClient { BaseAddress = replicas.Servers[0] };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", replicas.Token($"op{Guid.NewGuid():N}", new Grants(Admin: true)));
        return http;
    }

    async Task<string?> MintAsync(ApiKeySecret key)
    {
        using var http = new HttpClient { BaseAddress = replicas.Servers[1] };
        http.DefaultRequestHeaders.Authorization = Basic(key.Id, key.Secret);
        using var response = await http.PostAsJsonAsync("/api/tokens", new TokenRequest("ann", Grants: new Grants(Channels: ["*"])));
        return response.IsSuccessStatusCode ? (await response.Content.ReadFromJsonAsync<TokenResponse>())!.Token : null;
    }

    static async Task<ApiKeySecret> ReadAsync(HttpResponseMessage response)
    {
        Assert.Contains("no-store", response.EnsureSuccessStatusCode().Headers.CacheControl!.ToString());
        return (await response.Content.ReadFromJsonAsync<ApiKeySecret>())!;
    }

    [Fact]
    public async Task A_key_lives_through_its_rotation_and_ends_with_everybody_it_let_in()
    {
        using var http = Operator();
        var id = $"k{Guid.NewGuid():N}";
        var first = await ReadAsync(await http.PostAsJsonAsync("/api/keys", new CreateApiKeyRequest(id)));
        Assert.Equal(HttpStatusCode.Conflict, (await http.PostAsJsonAsync("/api/keys", new CreateApiKeyRequest(id))).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await http.PostAsJsonAsync("/api/keys", new CreateApiKeyRequest(AuthOptions.DevelopmentKey))).StatusCode);
        string? token = null;
        await Eventually.TrueAsync(async () => (token = await MintAsync(first)) is not null, Patience);
        await using var ann = await HubClient.ConnectAsync(new HubClientOptions(replicas.Servers[1], token!));
        await ann.InvokeAsync<HelloResult>("Hello", new HelloRequest());

        var second = await ReadAsync(await http.PostAsync($"/api/keys/{id}/rotate", null));
        Assert.NotEqual(first.Secret, second.Secret);
        await Eventually.TrueAsync(async () => await MintAsync(second) is not null, Patience);
        Assert.NotNull(await MintAsync(first));
        (await http.PostAsync($"/api/keys/{id}/retire", null)).EnsureSuccessStatusCode();
        await Eventually.TrueAsync(async () => await MintAsync(first) is null, Patience);
        Assert.NotNull(await MintAsync(second));

        var listed = Assert.Single((await http.GetFromJsonAsync<List<ApiKeyInfo>>("/api/keys"))!, one => one.Id == id);
        Assert.Equal(1, listed.Secrets);
        Assert.DoesNotContain(second.Secret, await http.GetStringAsync("/api/keys"));
        await AssertSealedAsync(id, second.Secret);

        Assert.Equal(HttpStatusCode.NoContent, (await http.DeleteAsync($"/api/keys/{id}")).StatusCode);
        Assert.Equal(CloseCode.Revoked, (await ann.Closed.WaitAsync(Patience)).Code);
        Assert.Null(await MintAsync(second));
        await Assert.ThrowsAsync<HubConnectionException>(() => HubClient.ConnectAsync(new HubClientOptions(replicas.Servers[1], token!)));
    }

    async Task AssertSealedAsync(string id, string secret)
    {
        await using var connection = await replicas.Service<Database>(0).OpenAsync(CancellationToken.None);
        await using var command = new NpgsqlCommand("select secrets[1] from api_keys where id = $1", connection);
        command.Parameters.Add(new() { Value = id });
        var stored = (byte[])(await command.ExecuteScalarAsync())!;
        Assert.Equal(-1, stored.AsSpan().IndexOf(Encoding.UTF8.GetBytes(secret)));
    }

    [Fact]
    public void A_secret_opens_with_its_master_key_for_its_own_id_and_untouched()
    {
        var master = RandomNumberGenerator.GetBytes(32);
        var stored = SealedSecret.Seal(master, "team", "the secret"u8);
        Assert.True(SealedSecret.TryOpen(master, "team", stored, out var secret));
        Assert.Equal("the secret", Encoding.UTF8.GetString(secret));
        Assert.False(SealedSecret.TryOpen(master, "other", stored, out _));
        Assert.False(SealedSecret.TryOpen(RandomNumberGenerator.GetBytes(32), "team", stored, out _));
        for (var i = 0; i < stored.Length; i++)
        {
            var touched = stored.ToArray();
            touched[i] ^= 1;
            Assert.False(SealedSecret.TryOpen(master, "team", touched, out _));
            Assert.False(SealedSecret.TryOpen(master, "team", stored.AsSpan(0, i), out _));
        }
    }
}
