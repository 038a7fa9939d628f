using Microsoft.AspNetCore.Components;
using Realtime.Web.Model;

namespace Realtime.Web.Components.Controls;

/// <summary>Lines over the last five minutes, as SVG made here: nothing runs in the browser.</summary>
public partial class Chart
{
    [Parameter, EditorRequired]
    public required string Title { get; set; }

    [Parameter, EditorRequired]
    public required IReadOnlyList<ChartSeries> Series { get; set; }

    /// <summary>With a blank before it, or empty.</summary>
    [Parameter]
    public string Unit { get; set; } = "";

    double Max => ChartModel.Top(Series);

    IEnumerable<(int Index, ChartSeries Series, string Path, string Now)> Lines =>
        Series.Select((series, index) => (index, series, ChartModel.PathOf(series.Values, Max), series.Values.Count == 0 || double.IsNaN(series.Values[^1]) ? "–" : Format(series.Values[^1]) + Unit));

    string Spoken => $"{Title}: {string.Join(", ", Lines.Select(static line => $"{line.Series.Name} {line.Now}"))}, at most {Format(Max)}{Unit} within five minutes";

    static string Format(double value) => Numbers.Short(value);
}
