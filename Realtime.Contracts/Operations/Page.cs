namespace Realtime.Contracts;

/// <summary>One page of a list (<c>?after=&amp;limit=</c>).</summary>
/// <param name="Next">The <c>after</c> of the next page; absent on the last.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next = null);
