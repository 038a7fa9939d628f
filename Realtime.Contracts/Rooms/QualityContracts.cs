namespace Realtime.Contracts;

/// <summary>How good a participant's connection is.</summary>
public enum QualityLevel
{
    /// <summary>Nothing anybody would notice.</summary>
    Good,
    /// <summary>Noticeable.</summary>
    Fair,
    /// <summary>Hard to talk.</summary>
    Poor,
}

/// <summary>What makes a connection less than good.</summary>
public static class QualityReason
{
    public const string Loss = "loss";
    public const string RoundTrip = "rtt";
    public const string Jitter = "jitter";
    /// <summary>It gets less than it wants to see, for want of bandwidth.</summary>
    public const string Bandwidth = "bandwidth";
}

/// <summary>Which way: what the participant sends, or what it is sent.</summary>
public static class LinkDirection
{
    public const string Up = "up";
    public const string Down = "down";
}

/// <param name="Reason">One of <see cref="QualityReason"/>; absent when all is good.</param>
/// <param name="Direction">One of <see cref="LinkDirection"/>; absent when all is good.</param>
public sealed record ConnectionQuality(QualityLevel Quality, string? Reason = null, string? Direction = null);
