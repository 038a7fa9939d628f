using Realtime.Contracts;
using Realtime.Signaling.Errors;

namespace Realtime.Signaling.Api;

/// <summary>
/// <c>?after=&amp;limit=</c>, for endpoints as <c>[AsParameters] PageRequest page</c>: what follows the entry <c>after</c>, at most <c>limit</c> entries. The answer is
/// a <see cref="Page{T}"/>.
/// </summary>
public readonly record struct PageRequest(string? After, int? Limit)
{
    public const int DefaultLimit = 50;
    public const int MaxLimit = 100;

    const int MaxAfterLength = 256;

    /// <exception cref="RealtimeException"><c>invalid</c>: not within 1 to <see cref="MaxLimit"/>.</exception>
    public int Size => Limit switch
    {
        null => DefaultLimit,
        >= 1 and <= MaxLimit => Limit.Value,
        _ => throw new RealtimeException(new(ErrorCode.Invalid, $"Between 1 and {MaxLimit}.", "limit")),
    };

    /// <summary>Null: from the beginning.</summary>
    public string? From => After is { Length: > MaxAfterLength } ? throw new RealtimeException(new(ErrorCode.Invalid, "That came from no page of ours.", "after")) : After;

    /// <param name="found">Up to one entry more than <see cref="Size"/>, which says that there is a next page.</param>
    /// <param name="key">What <c>after</c> is compared with.</param>
    public Page<T> Of<T>(IReadOnlyList<T> found, Func<T, string> key) =>
        found.Count > Size ? new Page<T>([.. found.Take(Size)], key(found[Size - 1])) : new Page<T>(found);
}
