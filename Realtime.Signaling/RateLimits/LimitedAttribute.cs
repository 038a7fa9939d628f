namespace Realtime.Signaling.RateLimits;

/// <summary>
/// What a hub method or an endpoint costs. Every hub method carries one (a test looks); an endpoint without one costs a call. Over REST:
/// <c>endpoint.LimitedBy(LimitName.Messages)</c>.
/// </summary>
/// <param name="limit">One of <see cref="LimitName"/>.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LimitedAttribute(string limit) : Attribute
{
    public string Limit => limit;

    /// <summary>Takes its permits itself, when it knows how many, or from whom: the filter lets it pass.</summary>
    public bool Itself { get; init; }
}
