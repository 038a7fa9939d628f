namespace Realtime.Web.Model;

/// <summary>One captured profile of a process.</summary>
/// <param name="Bytes">Absent while it is being captured.</param>
public sealed record ProfileEntry(string Id, DateTimeOffset Time, long? Bytes = null);
