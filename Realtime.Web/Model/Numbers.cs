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

    public static string Percent(double value) => string.Create(CultureInfo.InvariantCulture, $"{value:0} %");
}
