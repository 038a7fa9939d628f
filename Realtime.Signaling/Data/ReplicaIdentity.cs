namespace Realtime.Signaling.Data;

/// <summary>Who this process is: its name is kept over restarts, its boot is not.</summary>
public sealed class ReplicaIdentity(IConfiguration configuration)
{
    public string Name { get; } = configuration["Realtime:Replica"] is { Length: > 0 } name ? name : $"{Environment.MachineName}-{Environment.ProcessId}";

    public string Boot { get; } = Guid.CreateVersion7().ToString("N");
}
