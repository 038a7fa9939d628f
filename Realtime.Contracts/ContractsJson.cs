using System.Text.Json;
using System.Text.Json.Serialization;

namespace Realtime.Contracts;

/// <summary>The one JSON dialect of every wire of this project: camelCase, nulls left out, enums as camelCase strings.</summary>
public static class ContractsJson
{
    public static JsonSerializerOptions Options { get; } = Apply(new JsonSerializerOptions(JsonSerializerDefaults.Web));

    /// <summary>Brings a framework's own options (SignalR, minimal APIs) to the same dialect.</summary>
    public static JsonSerializerOptions Apply(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.CamelCase;
        options.PropertyNameCaseInsensitive = true;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        options.MaxDepth = 32;
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase));
        return options;
    }
}
