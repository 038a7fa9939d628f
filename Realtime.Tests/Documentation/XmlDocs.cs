using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Realtime.Tests.Documentation;

/// <summary>The summaries that the compiler wrote beside an assembly, as text for a page.</summary>
sealed partial class XmlDocs
{
    readonly Dictionary<string, XElement> _all;
    readonly Dictionary<string, XElement> _members;

    public XmlDocs(Assembly assembly)
    {
        var file = Path.ChangeExtension(assembly.Location, ".xml");
        _all = File.Exists(file)
            ? XDocument.Load(file).Descendants("member").ToDictionary(static member => member.Attribute("name")!.Value)
            : throw new FileNotFoundException("The documentation of an assembly is missing: build with GenerateDocumentationFile.", file);
        _members = _all.Where(static member => member.Value.Element("summary") is not null).ToDictionary(static member => member.Key, static member => member.Value.Element("summary")!);
    }

    /// <returns>One line, or null when there is none.</returns>
    public string? Of(PropertyInfo property) => Text($"P:{Name(property.DeclaringType!)}.{property.Name}");

    public string? Of(Type type) => Text($"T:{Name(type)}");

    string? Text(string id) => _members.TryGetValue(id, out var summary) ? Spaces().Replace(string.Concat(summary.Nodes().Select(Inline)), " ").Trim() : null;

    static string Inline(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
        XElement { Name.LocalName: "see" } see => $"`{(see.Attribute("cref")?.Value ?? see.Attribute("langword")?.Value ?? "").Split('(')[0].Split('.')[^1]}`",
        XElement { Name.LocalName: "paramref" } parameter => $"`{parameter.Attribute("name")?.Value}`",
        XElement other => string.Concat(other.Nodes().Select(Inline)),
        _ => "",
    };

    static string Name(Type type) => type.FullName!.Replace('+', '.');

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
