using Azure.Provisioning.Primitives;

namespace Azure.Provisioning.AppContainers;

public enum ContainerAppActiveRevisionsMode
{
    Multiple,
    Single
}

public enum ContainerAppIngressTransportMethod
{
    Auto,
    Http,
    Http2,
    Tcp
}

/// <summary>One app of an environment.</summary>
public class ContainerApp(string bicepIdentifier, string? resourceVersion = null) : ProvisionableResource(bicepIdentifier)
{
    public string? ResourceVersion { get; } = resourceVersion;
    public ContainerAppConfiguration Configuration { get; set; } = new();
    public ContainerAppTemplate Template { get; set; } = new();
}

public class ContainerAppConfiguration
{
    public BicepValue<ContainerAppActiveRevisionsMode>? ActiveRevisionsMode { get; set; }
    public ContainerAppIngressConfiguration Ingress { get; set; } = new();
}

/// <summary>How an app is reached; <see cref="External"/> means from outside the environment.</summary>
public class ContainerAppIngressConfiguration
{
    public BicepValue<bool>? External { get; set; }
    public BicepValue<int>? TargetPort { get; set; }
    public BicepValue<int>? ExposedPort { get; set; }
    public BicepValue<ContainerAppIngressTransportMethod>? Transport { get; set; }
    public BicepList<IngressPortMapping> AdditionalPortMappings { get; set; } = [];
}

public class IngressPortMapping
{
    public BicepValue<bool>? External { get; set; }
    public BicepValue<int>? TargetPort { get; set; }
    public BicepValue<int>? ExposedPort { get; set; }
}

public class ContainerAppTemplate
{
    public ContainerAppScale Scale { get; set; } = new();
    public BicepValue<long>? TerminationGracePeriodSeconds { get; set; }
}

public class ContainerAppScale
{
    public BicepValue<int>? MinReplicas { get; set; }
    public BicepValue<int>? MaxReplicas { get; set; }
    public BicepList<ContainerAppScaleRule> Rules { get; set; } = [];
}

public class ContainerAppScaleRule
{
    public BicepValue<string>? Name { get; set; }
    public ContainerAppHttpScaleRule Http { get; set; } = new();
    public ContainerAppCustomScaleRule Custom { get; set; } = new();
}

public class ContainerAppHttpScaleRule
{
    public BicepDictionary<string> Metadata { get; set; } = [];
}

public class ContainerAppCustomScaleRule
{
    public BicepValue<string>? CustomScaleRuleType { get; set; }
    public BicepDictionary<string> Metadata { get; set; } = [];
}
