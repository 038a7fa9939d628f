using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;

namespace Realtime.AppHost;

/// <summary>What an operator can do to a resource from the dashboard or the shell; it goes through signaling's own admin API.</summary>
internal static class OperatorCommands
{
    // The key that exists only in Development, as these commands do.
    private const string DevKey = "dev:dev-secret-change-me-32-bytes-long!";

    /// <summary><c>drain</c>: the node takes no new rooms; those it has go on until they end.</summary>
    public static IResourceBuilder<ProjectResource> WithDrainCommand(this IResourceBuilder<ProjectResource> node, IResourceBuilder<ProjectResource> signaling)
        => !node.ApplicationBuilder.ExecutionContext.IsRunMode ? node : node.WithHttpCommand(
            $"/api/nodes/{node.Resource.Name}/drain",
            "Drain",
            () => signaling.GetEndpoint("http"),
            "drain",
            new HttpCommandOptions { Description = "Accept no new rooms", PrepareRequest = AuthorizeAsync });

    /// <summary><c>reset</c>: closes every circuit breaker, so that the next call tries again at once.</summary>
    public static IResourceBuilder<ProjectResource> WithResetCircuitsCommand(this IResourceBuilder<ProjectResource> signaling)
        => !signaling.ApplicationBuilder.ExecutionContext.IsRunMode ? signaling : signaling.WithHttpCommand(
            "/admin/socket/recovery",
            "Reset circuits",
            commandName: "reset",
            commandOptions: new HttpCommandOptions
            {
                Description = "Close all circuit breakers",
                PrepareRequest = async context =>
                {
                    await AuthorizeAsync(context);
                    context.Request.Content = JsonContent.Create(new { circuit = "*" });
                }
            });

    private static async Task AuthorizeAsync(HttpCommandRequestContext context)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(new Uri(context.Request.RequestUri!.GetLeftPart(UriPartial.Authority)), "/api/tokens"))
        {
            Content = JsonContent.Create(new { user = "operator", ttl = "00:01:00", grants = new { admin = true } }),
            Headers = { Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(DevKey))) }
        };
        using var response = await context.HttpClient.SendAsync(request, context.CancellationToken);
        response.EnsureSuccessStatusCode();
        var answer = await response.Content.ReadFromJsonAsync<JsonObject>(context.CancellationToken);
        context.Request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", (string?)answer?["token"]);
    }
}
