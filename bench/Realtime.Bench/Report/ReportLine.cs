using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Realtime.Bench.Options;

namespace Realtime.Bench.Report;

/// <summary>One scenario's outcome: our figures, those of the others under <c>peers</c>, and the ratios of CPU per packet (or per join).</summary>
static class ReportLine
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.Never,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static JsonObject Of<T>(Scenario scenario, T ours, IReadOnlyDictionary<string, T> peers, Func<T, double> cost)
        where T : notnull
    {
        var line = new JsonObject { ["scenario"] = scenario.Name };
        foreach (var (name, value) in JsonSerializer.SerializeToNode(ours, Json)!.AsObject()) line[name] = value?.DeepClone();
        line["peers"] = new JsonObject(peers.Select(peer => KeyValuePair.Create(peer.Key, JsonSerializer.SerializeToNode(peer.Value, Json))));
        line["ratioToJanus"] = Ratio(ours, peers, "janus", cost);
        line["ratioToPion"] = Ratio(ours, peers, "pion", cost);
        return line;
    }

    public static string ToJson(JsonObject line) => line.ToJsonString(Json);

    /// <summary>For people: one row of figures per server.</summary>
    public static IEnumerable<string> ToText(JsonObject line)
    {
        yield return $"{line["scenario"]}";
        yield return $"  realtime  {Figures(line)}";
        foreach (var (name, figures) in line["peers"]!.AsObject()) yield return $"  {name,-8}  {Figures(figures!.AsObject())}";
        if (line["ratioToJanus"] is { } janus) yield return $"  CPU by Janus's: {janus}";
        if (line["ratioToPion"] is { } pion) yield return $"  CPU by Pion's: {pion}";
    }

    static string Figures(JsonObject figures) => string.Join("  ", figures
        .Where(figure => figure.Value is JsonValue && figure.Key is not ("scenario" or "ratioToJanus" or "ratioToPion"))
        .Select(figure => $"{figure.Key} {figure.Value}"));

    static JsonValue? Ratio<T>(T ours, IReadOnlyDictionary<string, T> peers, string name, Func<T, double> cost) =>
        peers.TryGetValue(name, out var theirs) && cost(theirs) > 0
            ? JsonValue.Create(decimal.Parse((cost(ours) / cost(theirs)).ToString("F3", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture))
            : null;
}
