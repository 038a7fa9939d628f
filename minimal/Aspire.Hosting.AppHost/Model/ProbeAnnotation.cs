using System.Diagnostics.CodeAnalysis;

namespace Aspire.Hosting.ApplicationModel;

[Experimental("ASPIREPROBES001")]
public enum ProbeType
{
    Startup,
    Readiness,
    Liveness
}

/// <summary>What a platform asks a container; it matters when publishing.</summary>
[Experimental("ASPIREPROBES001")]
public abstract class ProbeAnnotation : IResourceAnnotation
{
    public required ProbeType Type { get; init; }
    public int InitialDelaySeconds { get; init; }
    public int PeriodSeconds { get; init; }
    public int TimeoutSeconds { get; set; }
    public int FailureThreshold { get; init; }
    public int SuccessThreshold { get; init; }
}

/// <summary>A GET of an endpoint.</summary>
[Experimental("ASPIREPROBES001")]
public sealed class EndpointProbeAnnotation : ProbeAnnotation
{
    public required EndpointReference EndpointReference { get; init; }
    public required string Path { get; init; }
}
