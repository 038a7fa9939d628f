using System.Net;
using Azure.Provisioning.Expressions;
using Azure.Provisioning.Primitives;

namespace Azure.Provisioning.AppContainers;

/// <summary>The environment in which apps run.</summary>
public class ContainerAppManagedEnvironment(string bicepIdentifier, string? resourceVersion = null) : ProvisionableResource(bicepIdentifier)
{
    public string? ResourceVersion { get; } = resourceVersion;

    /// <summary>Where its ingress listens.</summary>
    public BicepValue<IPAddress> StaticIP { get; } = new BicepExpression($"{bicepIdentifier}.properties.staticIp");
}
