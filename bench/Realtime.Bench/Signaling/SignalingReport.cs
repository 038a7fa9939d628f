using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Realtime.Bench.Signaling;

/// <summary>One scenario's outcome: our figures, those of the others under <c>peers</c>, and the ratio of what the scenario is about.</summary>
static class SignalingReport
{
    static readonly JsonSerializerOptions json = new(JsonSerializerDefaults.Web);

    /// <param name="of">The figure whose ratio (ours by theirs) is told.</param>
    public static JsonObject Line<T>(string scenario, T ours, IReadOnlyDictionary<string, T> peers, string ratioOf, Func<T, double> of)
        where T : notnull
    {
        var line = new JsonObject { ["scenario"] = scenario };
        foreach (var (name, value) in JsonSerializer.SerializeToNode(ours, json)!.AsObject()) line[name] = value?.DeepClone();
        line["peers"] = new JsonObject(peers.Select(peer => KeyValuePair.Create(peer.Key, JsonSerializer.SerializeToNode(peer.Value, json))));
        line["ratioOf"] = ratioOf;
        foreach (var (name, figures) in peers) line[$"ratioTo{char.ToUpperInvariant(name[0])}{name[1..]}"] = of(figures) > 0 ? Round(of(ours) / of(figures)) : null;
        return line;
    }

    public static string ToJson(JsonObject line) => line.ToJsonString(json);

    /// <summary>For people: one row of figures per server.</summary>
    public static IEnumerable<string> ToText(JsonObject line)
    {
        yield return $"{line["scenario"]}";
        yield return $"  realtime  {Figures(line)}";
        foreach (var (name, figures) in line["peers"]!.AsObject()) yield return $"  {name,-8}  {Figures(figures!.AsObject())}";
        foreach (var (name, ratio) in line.Where(static pair => pair.Key.StartsWith("ratioTo", StringComparison.Ordinal))) yield return $"  {line["ratioOf"]}, {name}: {ratio}";
    }

    static string Figures(JsonObject figures) => string.Join("  ", figures
        .Where(static figure => figure.Value is JsonValue && figure.Key != "scenario" && !figure.Key.StartsWith("ratio", StringComparison.Ordinal))
        .Select(static figure => $"{figure.Key} {figure.Value}"));

    static JsonValue Round(double ratio) => JsonValue.Create(decimal.Parse(ratio.ToString("F3", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture));
}
