using System.Collections.Immutable;
using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Runner;

/// <summary>Runs the health checks of one instance: requests to its own address, or a registered check by its key.</summary>
internal sealed class HealthProbe(HealthCheckService checks) : IDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.Zero }) { Timeout = _patience };

    /// <summary>The reports before any answer: each check is unhealthy until it has been asked.</summary>
    public static ImmutableArray<HealthReportSnapshot> Unasked(IResource resource)
        => [.. resource.Annotations.OfType<HealthCheckAnnotation>().Select(a => new HealthReportSnapshot(a.Key, null, null, null))];

    public async Task<ImmutableArray<HealthReportSnapshot>> AskAsync(ResourceInstance instance, CancellationToken cancellationToken)
        => [.. await Task.WhenAll(instance.Resource.Annotations.OfType<HealthCheckAnnotation>().Select(a => AskAsync(instance, a, cancellationToken)))];

    public void Dispose() => _http.Dispose();

    private Task<HealthReportSnapshot> AskAsync(ResourceInstance instance, HealthCheckAnnotation check, CancellationToken cancellationToken)
        => check is HttpHealthCheckAnnotation http ? GetAsync(instance, http, cancellationToken) : RunAsync(check.Key, cancellationToken);

    private async Task<HealthReportSnapshot> GetAsync(ResourceInstance instance, HttpHealthCheckAnnotation check, CancellationToken cancellationToken)
    {
        var endpoint = instance.TargetPorts.Keys.First(e => e.Name == check.EndpointName);
        try
        {
            using var response = await _http.GetAsync(instance.UrlOf(endpoint) + check.Path, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            var status = (int)response.StatusCode;
            return status == check.StatusCode
                ? new(check.Key, HealthStatus.Healthy, null, null)
                : new(check.Key, HealthStatus.Unhealthy, string.Create(CultureInfo.InvariantCulture, $"{check.Path} answered {status}"), null);
        }
        catch (HttpRequestException failure)
        {
            return new(check.Key, HealthStatus.Unhealthy, $"{check.Path}: {failure.HttpRequestError}", null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new(check.Key, HealthStatus.Unhealthy, string.Create(CultureInfo.InvariantCulture, $"{check.Path} did not answer within {_patience.TotalSeconds} s"), null);
        }
    }

    private async Task<HealthReportSnapshot> RunAsync(string key, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_patience);
        try
        {
            var report = await checks.CheckHealthAsync(r => r.Name == key, limit.Token);
            return report.Entries.TryGetValue(key, out var entry)
                ? new(key, entry.Status, entry.Description ?? entry.Exception?.Message, null)
                : new(key, HealthStatus.Unhealthy, "no such health check is registered", null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new(key, HealthStatus.Unhealthy, string.Create(CultureInfo.InvariantCulture, $"no answer within {_patience.TotalSeconds} s"), null);
        }
    }
}
