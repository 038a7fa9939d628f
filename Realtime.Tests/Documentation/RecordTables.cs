using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Realtime.Tests.Documentation;

/// <summary>The records that a page speaks of, and those that these are made of, each as a table of its members.</summary>
sealed class RecordTables(XmlDocs contracts, XmlDocs signaling)
{
    static readonly NullabilityInfoContext s_nullability = new();

    readonly SortedDictionary<string, Type> _records = new(StringComparer.Ordinal);

    /// <summary>A type as it is written in the page: records lead to their table.</summary>
    public string Link(Type type)
    {
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        if (plain == typeof(string))
            return "string";
        if (plain == typeof(bool))
            return "bool";
        if (plain == typeof(DateTimeOffset))
            return "time";
        if (plain == typeof(JsonElement))
            return "any JSON";
        if (plain.IsPrimitive || plain == typeof(decimal))
            return "number";
        if (plain.IsEnum)
            return string.Join(" \\| ", Enum.GetNames(plain).Select(static name => $"`{char.ToLowerInvariant(name[0])}{name[1..]}`"));
        if (plain.IsGenericType && plain.GetGenericArguments() is [_, var value] && typeof(System.Collections.IEnumerable).IsAssignableFrom(plain))
            return $"map of {Link(value)}";
        if (plain.IsGenericType && plain.GetGenericArguments() is [var element] && typeof(System.Collections.IEnumerable).IsAssignableFrom(plain))
            return $"{Link(element)}[]";
        if (plain.IsGenericType && plain.GetGenericArguments() is [var item])
        {
            Add(plain.GetGenericTypeDefinition());
            return $"[{Name(plain)}](#{Anchor(plain)}) of {Link(item)}";
        }
        if (plain.IsGenericParameter)
            return plain.Name;
        if (!plain.Assembly.GetName().Name!.StartsWith("Realtime.", StringComparison.Ordinal))
            return $"`{plain.Name}`";
        Add(plain);
        return $"[{Name(plain)}](#{Anchor(plain)})";
    }

    public void Write(StringBuilder page)
    {
        page.Append("\n## Records\n");
        var written = new HashSet<string>();
        // A table may name further records.
        while (_records.FirstOrDefault(one => !written.Contains(one.Key)) is { Key: { } } next && written.Add(next.Key))
            Table(next.Value);
        foreach (var type in _records.Values)
            page.Append(Table(type));
    }

    void Add(Type type) => _records.TryAdd(Name(type), type);

    string Table(Type type)
    {
        var docs = type.Assembly == typeof(Realtime.Contracts.Message).Assembly ? contracts : signaling;
        var table = new StringBuilder();
        table.Append(CultureInfo.InvariantCulture, $"\n### {Name(type)}\n\n");
        if (docs.Of(type) is { } about)
            table.Append(CultureInfo.InvariantCulture, $"{about}\n\n");
        table.Append("| member | type | |\n|---|---|---|\n");
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(static one => one.GetCustomAttribute<JsonIgnoreAttribute>() is null && one.GetIndexParameters().Length == 0))
        {
            var mayLack = Nullable.GetUnderlyingType(property.PropertyType) is not null || (!property.PropertyType.IsValueType && s_nullability.Create(property).ReadState == NullabilityState.Nullable);
            table.Append(CultureInfo.InvariantCulture, $"| `{char.ToLowerInvariant(property.Name[0])}{property.Name[1..]}`{(mayLack ? "?" : "")} | {Link(property.PropertyType)} | {(docs.Member(type, property) ?? "").Replace("|", "\\|", StringComparison.Ordinal)} |\n");
        }
        return table.ToString();
    }

    static string Name(Type type) => type.Name.Split('`')[0];

    static string Anchor(Type type) => Name(type).ToLowerInvariant();
}
