namespace Realtime.Signaling.Webhooks;

/// <summary>A delivery that this replica holds for the length of a lease.</summary>
/// <param name="Claim">What proves it: a later claim has a higher number.</param>
/// <param name="Attempts">This one included.</param>
public sealed record ClaimedDelivery(long Id, long Claim, string Endpoint, string Url, IReadOnlyList<string> Secrets, string Event, string? Payload, int Attempts);

/// <summary>How an attempt ended.</summary>
/// <param name="Error">In our own words: what an endpoint answers is not kept.</param>
/// <param name="Wish">How long the endpoint wants to be left alone.</param>
public sealed record DeliveryOutcome(bool Delivered, int? Status, string? Error, TimeSpan? Wish = null)
{
    /// <summary>410: the receiver wants nothing any more.</summary>
    public bool IsGone => Status == StatusCodes.Status410Gone;
}
