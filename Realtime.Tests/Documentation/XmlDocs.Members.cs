using System.Reflection;

namespace Realtime.Tests.Documentation;

/// <summary>What is written beside fields, methods and the parameters of records.</summary>
sealed partial class XmlDocs
{
    public string? Of(FieldInfo field) => Text($"F:{Name(field.DeclaringType!)}.{field.Name}");

    /// <summary>Of the only method of that name.</summary>
    public string? Of(MethodInfo method) =>
        _members.Keys.FirstOrDefault(id => id == $"M:{Name(method.DeclaringType!)}.{method.Name}" || id.StartsWith($"M:{Name(method.DeclaringType!)}.{method.Name}(", StringComparison.Ordinal)) is { } id ? Text(id) : null;

    /// <summary>A positional record's member: said at its type, or at its property.</summary>
    public string? Member(Type record, PropertyInfo property)
    {
        // A type without a summary of its own may have words for its members all the same.
        var said = _all.GetValueOrDefault($"T:{Name(record)}")?.Elements("param").FirstOrDefault(one => one.Attribute("name")?.Value == property.Name);
        return said is null ? Of(property) : Spaces().Replace(string.Concat(said.Nodes().Select(Inline)), " ").Trim();
    }
}
