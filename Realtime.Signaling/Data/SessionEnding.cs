namespace Realtime.Signaling.Data;

/// <summary>A session whose row is to go.</summary>
/// <param name="Reason">Why, as it is counted: <c>closed</c>, <c>lost</c> …</param>
public sealed record SessionEnding(string Id, long Generation, string Reason);
