namespace Realtime.Signaling.Rooms;

/// <summary>How a replica sees a media node; the words of <c>NodeInfo.State</c>.</summary>
public static class NodeState
{
    /// <summary>Its event stream flows.</summary>
    public const string Live = "live";

    /// <summary>It lives, but takes no new rooms.</summary>
    public const string Draining = "draining";

    /// <summary>Its stream broke and a new one could not be opened.</summary>
    public const string Lost = "lost";
}
