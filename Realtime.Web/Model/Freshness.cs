namespace Realtime.Web.Model;

/// <summary>How far what is shown can be trusted.</summary>
public enum Freshness
{
    /// <summary>Nothing has arrived yet.</summary>
    Loading,

    /// <summary>Nothing has arrived, and we know why.</summary>
    Unreachable,
    Live,

    /// <summary>It was true once; its age is shown.</summary>
    Stale,
}
