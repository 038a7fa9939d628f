using System.Globalization;
using System.Text;

namespace Realtime.Web.Model;

/// <summary>One line of a chart.</summary>
/// <param name="Values">One a second, the oldest first; NaN where nothing is known.</param>
public sealed record ChartSeries(string? Name, IReadOnlyList<double> Values);

/// <summary>Where the lines of a chart go.</summary>
static class ChartModel
{
    public const int Width = 300;
    public const int Height = 80;

    /// <summary>The top of the scale: the next of 1, 2, 5, 10 … above everything.</summary>
    public static double Top(IReadOnlyList<ChartSeries> series)
    {
        var most = series.SelectMany(static one => one.Values).Where(static value => !double.IsNaN(value)).DefaultIfEmpty(0).Max();
        if (most <= 1)
            return 1;
        var power = Math.Pow(10, Math.Floor(Math.Log10(most)));
        return new[] { 1.0, 2, 5, 10 }.Select(step => step * power).First(top => top >= most);
    }

    /// <summary>An SVG path; the newest value is at the right edge, what is unknown is a gap.</summary>
    public static string PathOf(IReadOnlyList<double> values, double top)
    {
        var path = new StringBuilder();
        var pen = false;
        for (var i = 0; i < values.Count; i++)
        {
            if (double.IsNaN(values[i]))
            {
                pen = false;
                continue;
            }
            path.Append(CultureInfo.InvariantCulture, $"{(pen ? 'L' : 'M')}{Width - values.Count + 1 + i} {Height - (Height * Math.Clamp(values[i] / top, 0, 1)):0.#}");
            pen = true;
        }
        return path.ToString();
    }
}
