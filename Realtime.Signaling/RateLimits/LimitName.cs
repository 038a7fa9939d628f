namespace Realtime.Signaling.RateLimits;

/// <summary>The limits by name: what a refused caller is told as <c>scope</c>, what a hub method or an endpoint says it costs (<see cref="LimitedAttribute"/>).</summary>
public static class LimitName
{
    /// <summary>New sessions of an address.</summary>
    public const string Sessions = "sessions";
    /// <summary>Resumes of the whole node: a herd that comes back is let in at the pace the node can bear.</summary>
    public const string Resumes = "resumes";
    /// <summary>Hub connections of a user, whatever becomes of them: what bounds a reconnect storm.</summary>
    public const string Connections = "connections";
    public const string Messages = "messages";
    public const string Edits = "edits";
    public const string Deletes = "deletes";
    public const string Directs = "directs";
    public const string Typing = "typing";
    public const string Presence = "presence";
    /// <summary>Joining and leaving channels.</summary>
    public const string Channels = "channels";
    /// <summary>Joining and leaving rooms, publishing and muting.</summary>
    public const string Voice = "voice";
    /// <summary>Negotiations, trickle and layer wishes of a peer.</summary>
    public const string Negotiations = "negotiations";
    /// <summary>Asking, answering and ending friendships: each is an event for somebody else.</summary>
    public const string Friends = "friends";
    public const string Kicks = "kicks";
    public const string Bans = "bans";
    /// <summary>Uploaded bytes of a user and day: one permit is one byte.</summary>
    public const string Uploads = "uploads";
    /// <summary>Everything else a connection or, over REST, a user asks for: generous, but not endless. Calls that cannot be read cost <see cref="LimitOptions.InvalidCallCost"/>.</summary>
    public const string Calls = "calls";
    /// <summary>Connections of a user that were closed for misconduct.</summary>
    public const string Closings = "closings";
    /// <summary>Not a limit but the answer to one who is kept out for a time.</summary>
    public const string Quarantine = "quarantine";
    /// <summary>Idempotency keys of a user: each is a row that is kept for a day.</summary>
    public const string IdempotencyKeys = "idempotencyKeys";
    /// <summary>Requests of an address that showed no valid token.</summary>
    public const string Strangers = "strangers";
}

/// <summary>Whom a limit counts.</summary>
public enum LimitPer
{
    User,
    /// <summary>A hub connection; over REST, where there is none, the user.</summary>
    Connection,
    Address,
    Node,
}
