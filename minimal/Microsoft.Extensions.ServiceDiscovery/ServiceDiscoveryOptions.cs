namespace Microsoft.Extensions.ServiceDiscovery;

public sealed class ServiceDiscoveryOptions
{
    /// <summary>True: every scheme a request names may be used. False: only <see cref="AllowedSchemes"/>.</summary>
    public bool AllowAllSchemes { get; set; } = true;

    public IList<string> AllowedSchemes { get; set; } = [];
}
