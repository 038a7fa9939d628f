using System.Diagnostics.CodeAnalysis;

namespace Realtime.Web.Operations;

/// <summary>What signaling answered: a value, or in words why there is none. A dependency that is down is a state of a page, not a fault of it.</summary>
/// <param name="Missing">There is no such thing; otherwise it could not be found out.</param>
public sealed record Answer<T>(T? Value, string? Problem, bool Missing = false) where T : class
{
    [MemberNotNullWhen(true, nameof(Value))]
    [MemberNotNullWhen(false, nameof(Problem))]
    public bool HasValue => Value is not null;
}
