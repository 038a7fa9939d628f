namespace Realtime.Signaling.MediaControl;

/// <summary>Section <c>Turn</c>: the TURN servers handed to clients. Without URLs none are.</summary>
public sealed class TurnOptions
{
    public const string Section = "Turn";

    /// <summary>Comma-separated, e.g. <c>turn:turn.example.org:3478?transport=udp</c>.</summary>
    public string Urls { get; set; } = "";

    /// <summary>Shared with the servers (coturn: <c>static-auth-secret</c>).</summary>
    public string Secret { get; set; } = "";

    /// <summary>How long a credential can be used to open new allocations.</summary>
    public TimeSpan CredentialLifetime { get; set; } = TimeSpan.FromHours(1);
}
