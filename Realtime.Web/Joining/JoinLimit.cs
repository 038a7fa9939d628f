using System.Net;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using Realtime.Contracts;

namespace Realtime.Web.Joining;

/// <summary>How often one address may ask for a token. The limiter forgets addresses that fell silent, so their number is bounded by the traffic.</summary>
static class JoinLimit
{
    public const string PerMinuteKey = "Join:TokensPerMinute";

    /// <summary>A person joins once and reloads now and then; an office shares one address.</summary>
    public const int DefaultPerMinute = 60;

    public static void AddJoinLimit(this IServiceCollection services, IConfiguration configuration)
    {
        var perMinute = configuration.GetValue(PerMinuteKey, DefaultPerMinute);
        if (perMinute <= 0)
            throw new InvalidOperationException($"{PerMinuteKey} must be positive.");
        services.AddRateLimiter(limiter =>
        {
            limiter.AddPolicy(JoinEndpoints.RateLimit, http => RateLimitPartition.GetSlidingWindowLimiter(
                Network(http.Connection.RemoteIpAddress),
                _ => new SlidingWindowRateLimiterOptions { PermitLimit = perMinute, Window = TimeSpan.FromMinutes(1), SegmentsPerWindow = 6 }));
            limiter.OnRejected = static async (rejected, cancellation) =>
            {
                var wait = rejected.Lease.TryGetMetadata(MetadataName.RetryAfter, out var after) ? after : TimeSpan.FromSeconds(10);
                var error = new RealtimeError(ErrorCode.RateLimited, "Too many attempts from this address.", RetryAfterMs: (int)wait.TotalMilliseconds);
                await Refusal.Result(error).ExecuteAsync(rejected.HttpContext);
            };
        });
    }

    /// <summary>The address itself, of IPv6 the /64 that one subscriber holds.</summary>
    internal static string Network(IPAddress? address)
    {
        if (address is { IsIPv4MappedToIPv6: true })
            address = address.MapToIPv4();
        if (address is not { AddressFamily: AddressFamily.InterNetworkV6 })
            return address?.ToString() ?? "unknown";
        return Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8));
    }
}
