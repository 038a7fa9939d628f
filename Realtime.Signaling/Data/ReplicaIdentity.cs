namespace Realtime.Signaling.Data;

/// <summary>Who this process is: its name is kept over restarts, its boot is not.</summary>
public sealed class ReplicaIdentity(IConfiguration configuration)
{
    volatile string? _address = configuration["Realtime:Address"];

    public string Name { get; } = configuration["Realtime:Replica"] is { Length: > 0 } name ? name : $"{Environment.MachineName}-{Environment.ProcessId}";

    public string Boot { get; } = Guid.CreateVersion7().ToString("N");

    /// <summary>Where other replicas reach this one (<c>Realtime:Address</c>, or where it listens); null until it listens.</summary>
    public string? Address => _address;

    /// <summary>The configured address stands before what is found.</summary>
    public void ListensAt(string address) => _address ??= address;
}
