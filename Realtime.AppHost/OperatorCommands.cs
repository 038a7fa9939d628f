using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;

namespace Realtime.AppHost;

/// <summary>What an operator can do to a resource from the dashboard or the shell; it goes through signaling's own operations API.</summary>
internal static class OperatorCommands
{
    private const string Circuits = "/status/circuit-breakers", Recovery = "/admin/socket/recovery";

    // The key that exists only in Development, as these commands do.
    private const string DevKey = "dev:dev-secret-change-me-32-bytes-long!";

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    /// <summary><c>drain</c>: the node takes no new rooms; those it has go on until they end.</summary>
    public static IResourceBuilder<ProjectResource> WithDrainCommand(this IResourceBuilder<ProjectResource> node, IResourceBuilder<ProjectResource> signaling)
        => !node.ApplicationBuilder.ExecutionContext.IsRunMode ? node : node.WithHttpCommand(
            $"/api/nodes/{node.Resource.Name}/drain",
            "Drain",
            () => signaling.GetEndpoint("http"),
            "drain",
            new HttpCommandOptions
            {
                Description = "Accept no new rooms",
                PrepareRequest = async context =>
                {
                    var signalingAddress = new Uri(context.Request.RequestUri!.GetLeftPart(UriPartial.Authority));
                    context.Request.Headers.Authorization = await OperatorAsync(context.HttpClient, signalingAddress, context.CancellationToken);
                }
            });

    /// <summary><c>reset</c>: closes every open circuit breaker of a replica, so that the next call tries again at once.</summary>
    public static IResourceBuilder<ProjectResource> WithResetCircuitsCommand(this IResourceBuilder<ProjectResource> signaling)
        => !signaling.ApplicationBuilder.ExecutionContext.IsRunMode ? signaling
            : signaling.WithCommand("reset", "Reset circuits", ResetCircuitsAsync, new CommandOptions { Description = "Close all circuit breakers" });

    private static async Task<ExecuteCommandResult> ResetCircuitsAsync(ExecuteCommandContext context)
    {
        // Circuits belong to one process, so the replica itself is asked and not the address all replicas share.
        var notifications = context.Services.GetRequiredService<ResourceNotificationService>();
        if (!notifications.TryGetCurrentState(context.ResourceName, out var replica)
            || replica.Snapshot.EnvironmentVariables.FirstOrDefault(v => v.Name == "ASPNETCORE_URLS")?.Value is not { } urls)
            return CommandResults.Failure($"{context.ResourceName} does not run.");
        var address = new Uri(urls.Split(';')[0]);
        using var client = new HttpClient { BaseAddress = address, Timeout = _patience };
        client.DefaultRequestHeaders.Authorization = await OperatorAsync(client, address, context.CancellationToken);
        var circuits = await client.GetFromJsonAsync<JsonArray>(Circuits, context.CancellationToken) ?? [];
        var open = circuits.Where(c => (string?)c?["state"] != "closed").Select(c => (string?)c?["name"]).ToArray();
        foreach (var circuit in open)
        {
            using var answer = await client.PostAsJsonAsync(Recovery, new { circuit }, context.CancellationToken);
            answer.EnsureSuccessStatusCode();
        }

        return CommandResults.Success($"{open.Length} of {circuits.Count} circuits closed");
    }

    /// <summary>A token for the minute the command takes.</summary>
    private static async Task<AuthenticationHeaderValue> OperatorAsync(HttpClient client, Uri signaling, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(signaling, "/api/tokens"))
        {
            Content = JsonContent.Create(new { user = "operator", ttl = "00:01:00", grants = new { admin = true } }),
            Headers = { Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(DevKey))) }
        };
        using var response = await client.SendAsync(request, cancellationToken);
        response.EnsureSuccessStatusCode();
        var answer = await response.Content.ReadFromJsonAsync<JsonObject>(cancellationToken);
        return new AuthenticationHeaderValue("Bearer", (string?)answer?["token"]);
    }
}
