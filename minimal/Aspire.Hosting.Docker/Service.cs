using Aspire.Hosting.Docker.Resources.ServiceNodes;
using Aspire.Hosting.Docker.Resources.ServiceNodes.Swarm;

namespace Aspire.Hosting.Docker.Resources.ComposeNodes
{
    public abstract class NamedComposeMember
    {
        public required string Name { get; set; }
    }

    /// <summary>A service of the file.</summary>
    public sealed class Service : NamedComposeMember
    {
        public List<string> Ports { get; set; } = [];
        public string? Restart { get; set; }
        public Deploy? Deploy { get; set; }
        public Healthcheck? Healthcheck { get; set; }
        public List<string> CapDrop { get; set; } = [];
        public bool? ReadOnly { get; set; }
        public List<string> SecurityOpt { get; set; } = [];
        public string? StopGracePeriod { get; set; }
        public List<string> Tmpfs { get; set; } = [];
    }
}

namespace Aspire.Hosting.Docker.Resources.ServiceNodes
{
    public sealed class Healthcheck
    {
        public List<string> Test { get; set; } = [];
        public required string Interval { get; set; }
        public required string Timeout { get; set; }
        public int? Retries { get; set; }
        public required string StartPeriod { get; set; }
    }
}

namespace Aspire.Hosting.Docker.Resources.ServiceNodes.Swarm
{
    public sealed class Deploy
    {
        public int? Replicas { get; set; }
    }
}
