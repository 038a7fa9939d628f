namespace Realtime.Contracts;

/// <summary>One who is kept out for a time, as <c>GET /api/quarantines</c> shows it.</summary>
/// <param name="Kind">One of <see cref="QuarantineKind"/>.</param>
/// <param name="Key">The user, or the address.</param>
/// <param name="Times">How often within a day.</param>
/// <param name="Incident">Of the crash report, when faults were the reason.</param>
public sealed record QuarantineInfo(string Kind, string Key, string Reason, DateTimeOffset Since, DateTimeOffset Until, int Times, string? Incident = null);

/// <summary>The values of <see cref="QuarantineInfo.Kind"/>.</summary>
public static class QuarantineKind
{
    public const string User = "user";
    /// <summary>Concerns only requests that show no valid token: others behind the same address have done nothing.</summary>
    public const string Address = "address";
}
