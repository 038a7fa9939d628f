using System.Net.Http.Headers;
using System.Text.Json;
using Realtime.Contracts;
using Realtime.Tests.CrashSafety;
using Realtime.Tests.Signaling.Hubs;
using Xunit;

namespace Realtime.Tests.Signaling.Attachments;

/// <summary>Two replicas that share a folder for attachments, with bounds small enough to cross.</summary>
public sealed class DeliveriesServer : TwoReplicas
{
    /// <summary>More than the server takes of any other request.</summary>
    public const int MaxBytes = 300 * 1024;
    public const int BytesPerUserAndDay = 4 * MaxBytes;

    readonly HttpClient _http = new() { Timeout = ManualTime.Patience };
    readonly string _folder = Directory.CreateTempSubdirectory("realtime-attachments-").FullName;

    public string Folder => _folder;

    protected override ValueTask<IReadOnlyDictionary<string, string?>> MoreSettingsAsync() => new(new Dictionary<string, string?>
    {
        ["Attachments:Directory"] = _folder,
        ["Attachments:MaxBytes"] = $"{MaxBytes}",
        ["Attachments:BytesPerUserAndDay"] = $"{BytesPerUserAndDay}",
        // The machine that tests may have little left.
        ["Attachments:MinFreeDisk"] = "0",
        // Tests that wait ask often.
        ["Limits:CallsPerSecond"] = "1000",
        ["Webhooks:AllowedNetworks"] = "127.0.0.0/8",
    });

    public string AdminToken => Token("root", new Grants(Channels: ["*"], Admin: true, Moderate: true));

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string? token, HttpContent? body = null, int replica = 0, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, new Uri(Servers[replica], path)) { Content = body };
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    public Task<HttpResponseMessage> AsAdminAsync(HttpMethod method, string path, object? body = null, int replica = 0) =>
        SendAsync(method, path, AdminToken, body is null ? null : new StringContent(JsonSerializer.Serialize(body, ContractsJson.Options), System.Text.Encoding.UTF8, "application/json"), replica);

    public static async Task<T> ReadAsync<T>(HttpResponseMessage response)
    {
        using (response)
        {
            var text = await response.Content.ReadAsStringAsync();
            Assert.True(response.IsSuccessStatusCode, $"{(int)response.StatusCode}: {text}");
            return JsonSerializer.Deserialize<T>(text, ContractsJson.Options)!;
        }
    }

    public static async Task<(int Status, string Code)> RefusalAsync(HttpResponseMessage response)
    {
        using (response)
        {
            using var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
            return ((int)response.StatusCode, problem.RootElement.GetProperty("code").GetString()!);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await base.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}

[CollectionDefinition("Deliveries")]
public sealed class DeliveriesServerGroup : ICollectionFixture<DeliveriesServer>;
