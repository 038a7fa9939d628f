namespace Realtime.AppHost;

/// <summary>What is asked of a process: by this AppHost while it runs here, by the platform where it is published.</summary>
internal static class HealthProbes
{
    /// <summary>
    /// Three questions. Does it answer at all (start); may it get work (<c>/ready</c>: not while starting or draining); does every loop still turn (<c>/alive</c>: else it is restarted).
    /// None of them fails because Redis or Postgres is away: a platform that restarts healthy replicas then makes it worse.
    /// </summary>
    public static IResourceBuilder<ProjectResource> WithHealthProbes(this IResourceBuilder<ProjectResource> project)
        => project.ApplicationBuilder.ExecutionContext.IsRunMode
            ? project.WithHttpHealthCheck("/health", endpointName: "http")
            : project
                .WithHttpProbe(ProbeType.Startup, "/health", initialDelaySeconds: 1, periodSeconds: 2, failureThreshold: 30, endpointName: "http")
                .WithHttpProbe(ProbeType.Readiness, "/ready", initialDelaySeconds: 0, periodSeconds: 2, timeoutSeconds: 2, failureThreshold: 2, endpointName: "http")
                .WithHttpProbe(ProbeType.Liveness, "/alive", initialDelaySeconds: 10, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3, endpointName: "http");
}
