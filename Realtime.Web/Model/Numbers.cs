using System.Globalization;

namespace Realtime.Web.Model;

/// <summary>Numbers as an operator reads them at a glance.</summary>
static class Numbers
{
    /// <summary>950 → 950, 12 345 → 12.3 k, 4 200 000 → 4.2 M.</summary>
    public static string Short(long value) => value switch
    {
        < 1_000 => value.ToString(CultureInfo.InvariantCulture),
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{value / 1_000.0:0.#} k"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{value / 1_000_000.0:0.#} M"),
    };

    /// <summary>As the other; below ten with a decimal.</summary>
    public static string Short(double value) => value is < 10 and > -10 ? value.ToString("0.#", CultureInfo.InvariantCulture) : Short((long)Math.Round(value));

    public static string Percent(double value) => string.Create(CultureInfo.InvariantCulture, $"{value:0} %");

    public static string Bytes(long value) => value switch
    {
        < 1 << 10 => $"{value} B",
        < 1 << 20 => string.Create(CultureInfo.InvariantCulture, $"{value / 1024.0:0.#} KB"),
        < 1 << 30 => string.Create(CultureInfo.InvariantCulture, $"{value / 1048576.0:0.#} MB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{value / 1073741824.0:0.##} GB"),
    };

    /// <summary>Bits per second.</summary>
    public static string Rate(long bitsPerSecond) => bitsPerSecond switch
    {
        < 1_000 => $"{bitsPerSecond} bit/s",
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bitsPerSecond / 1_000.0:0} kbit/s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bitsPerSecond / 1_000_000.0:0.0} Mbit/s"),
    };

    public static string Span(TimeSpan span) => span switch
    {
        { TotalSeconds: < 120 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0} s"),
        { TotalMinutes: < 120 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalMinutes:0} min"),
        { TotalHours: < 48 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalHours:0} h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{span.TotalDays:0} days"),
    };

    /// <summary>For a coordinate.</summary>
    public static string Plain(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
