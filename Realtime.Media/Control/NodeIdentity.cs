namespace Realtime.Media.Control;

/// <summary>Who this node is. <see cref="Boot"/> changes when the process does.</summary>
public sealed record NodeIdentity(string Node, string Boot);
