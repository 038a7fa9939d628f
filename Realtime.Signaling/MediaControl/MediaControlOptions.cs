using System.Text;
using Microsoft.Extensions.Options;
using Realtime.ServiceDefaults.Tokens;

namespace Realtime.Signaling.MediaControl;

/// <summary>Section <c>Media</c>: which media nodes there are and how to speak to them.</summary>
public sealed class MediaControlOptions
{
    public const string Section = "Media";

    /// <summary>Node ids, comma-separated; each is also the service-discovery name of its control endpoint (<c>http://_control.media-0</c>).</summary>
    public string Nodes { get; set; } = "";

    /// <summary>Shared with the nodes: signs the 60 s service tokens. At least 32 bytes.</summary>
    public string ControlSecret { get; set; } = "";

    /// <summary>Per attempt of a command (contract: 1 s).</summary>
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Silence on an event stream (its heartbeat comes every 250 ms) after which it is given up and opened anew. Not less: a node that stands still for three quarters of it forwards
    /// nothing more until it has been heard again, so nobody may be quicker than that to give its rooms away.
    /// </summary>
    public TimeSpan HeartbeatTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>For opening it anew; a node that does not answer within it, or refuses the connection, is lost.</summary>
    public TimeSpan ReopenTimeout { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a copy of a room that has moved off a draining node serves those who have not come over yet.</summary>
    public TimeSpan RetireWithin { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a leave that the node has not acknowledged is tried again; by then the peer's own consent has expired there.</summary>
    public TimeSpan LeaveRetryFor { get; set; } = TimeSpan.FromSeconds(60);

    public IReadOnlyList<string> NodeNames => Nodes.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    internal sealed class Validator : IValidateOptions<MediaControlOptions>
    {
        public ValidateOptionsResult Validate(string? name, MediaControlOptions options)
        {
            var mistakes = new List<string>();
            if (options.NodeNames.Count != options.NodeNames.Distinct(StringComparer.Ordinal).Count())
                mistakes.Add("Media:Nodes names a node twice.");
            if (options.NodeNames.Count > 0 && Encoding.UTF8.GetByteCount(options.ControlSecret) < Hs256Jwt.MinSecretLength)
                mistakes.Add($"Media:ControlSecret must have at least {Hs256Jwt.MinSecretLength} bytes.");
            if (options.CommandTimeout <= TimeSpan.Zero)
                mistakes.Add("Media:CommandTimeout must be positive.");
            if (options.HeartbeatTimeout < TimeSpan.FromSeconds(1))
                mistakes.Add("Media:HeartbeatTimeout must be at least 1 s: a node that slept for less does not ask whether its rooms are still its own.");
            if (options.ReopenTimeout <= TimeSpan.Zero)
                mistakes.Add("Media:ReopenTimeout must be positive.");
            if (options.RetireWithin <= TimeSpan.Zero || options.RetireWithin > TimeSpan.FromMinutes(10))
                mistakes.Add("Media:RetireWithin must be positive, and ten minutes at most.");
            return mistakes.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(mistakes);
        }
    }
}
