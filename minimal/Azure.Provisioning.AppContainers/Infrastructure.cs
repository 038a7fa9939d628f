using Azure.Provisioning.Primitives;

namespace Azure.Provisioning.Primitives
{
    /// <summary>Something a template can hold.</summary>
    public abstract class Provisionable;

    /// <summary>A resource of the cloud.</summary>
    public abstract class ProvisionableResource(string bicepIdentifier) : Provisionable
    {
        public string BicepIdentifier { get; } = bicepIdentifier;
    }
}

namespace Azure.Provisioning
{
    /// <summary>A value that the deployment gives back.</summary>
    public sealed class ProvisioningOutput(string bicepIdentifier, Type type) : Provisionable
    {
        public string BicepIdentifier { get; } = bicepIdentifier;
        public Type Type { get; } = type;
        public BicepValue<object>? Value { get; set; }
    }

    /// <summary>One module of templates.</summary>
    public class Infrastructure(string bicepName)
    {
        private readonly List<Provisionable> _provisionables = [];

        public string BicepName { get; } = bicepName;

        public virtual void Add(Provisionable resource) => _provisionables.Add(resource);

        public virtual IEnumerable<Provisionable> GetProvisionableResources() => _provisionables;
    }
}
