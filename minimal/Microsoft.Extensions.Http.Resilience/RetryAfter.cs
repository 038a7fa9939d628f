namespace Microsoft.Extensions.Http.Resilience;

static class RetryAfter
{
    /// <summary>How long the response asks to wait (RFC 9110 §10.2.3); null when it does not say.</summary>
    public static TimeSpan? Read(HttpResponseMessage? response, DateTimeOffset now)
    {
        if (response?.Headers.RetryAfter is not { } header)
            return null;
        if (header.Delta is { } delta)
            return delta;
        if (header.Date is not { } date)
            return null;
        return date > now ? date - now : TimeSpan.Zero;
    }
}
