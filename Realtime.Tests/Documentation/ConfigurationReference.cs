using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using Realtime.Media.Hosting;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Hosting;
using Realtime.Web;

namespace Realtime.Tests.Documentation;

/// <summary>
/// <c>docs/configuration.md</c>: every key of every service, out of the options classes themselves (each says its section in a constant <c>Section</c>) and out of
/// <see cref="SingleKeys"/> for what is read without one.
/// </summary>
static partial class ConfigurationReference
{
    static readonly (string Title, Assembly? Assembly)[] s_services =
    [
        ("Signaling", typeof(SignalingHost).Assembly),
        ("Media", typeof(MediaOptions).Assembly),
        ("Web", typeof(WebApp).Assembly),
        ("Every service", typeof(CrashReporter).Assembly),
        ("AppHost", null),
    ];

    /// <summary>Defaults that differ from machine to machine.</summary>
    static readonly Dictionary<string, string> s_shown = new() { ["CrashReports:Node"] = "", ["CrashReports:Service"] = "" };

    public static string Page()
    {
        var page = new StringBuilder();
        page.Append("""
            # Configuration

            Generated from the options classes: `./realtime docs` writes this page anew, and a test fails when it is out of date.

            Keys are given as in `appsettings.json` (`Section:Key`), as environment variables (`Section__Key`) or on the command line (`--Section:Key=value`). Times are `hours:minutes:seconds`
            or `days.hours:minutes:seconds`. A value that is no good stops the start, and the message names every such key.

            """);
        foreach (var (title, assembly) in s_services)
        {
            page.Append(CultureInfo.InvariantCulture, $"\n## {title}\n");
            var documentation = assembly is null ? null : new XmlDocs(assembly);
            foreach (var (section, type) in Sections(assembly))
            {
                page.Append(CultureInfo.InvariantCulture, $"\n### {section}\n\n");
                if (documentation!.Of(type) is { } about && SectionSentence().Replace(about, "") is { Length: > 0 } words)
                    page.Append(CultureInfo.InvariantCulture, $"{char.ToUpperInvariant(words[0])}{words[1..]}\n\n");
                page.Append("| key | default | what it is |\n|---|---|---|\n");
                foreach (var key in Of(section, type, documentation))
                    page.Append(CultureInfo.InvariantCulture, $"| `{key.Name}` | {Shown(key.Default)} | {Cell(key.Meaning)} |\n");
            }

            var single = SingleKeys.All.Where(key => key.Service == title).ToArray();
            if (single.Length == 0)
                continue;
            page.Append(assembly is null ? "\n" : "\n### Single keys\n\n").Append("| key | default | what it is |\n|---|---|---|\n");
            foreach (var key in single)
                page.Append(CultureInfo.InvariantCulture, $"| `{key.Name}` | {Shown(key.Default)} | {Cell(key.Meaning)} |\n");
        }

        return page.ToString();
    }

    /// <summary>Every key, <c>*</c> standing for a number or name that is chosen freely.</summary>
    public static IReadOnlySet<string> Keys()
        => s_services.SelectMany(static service => Sections(service.Assembly).SelectMany(section => Of(section.Section, section.Type, new XmlDocs(service.Assembly!))))
            .Concat(SingleKeys.All.Select(static key => new Key(key.Name, key.Default, key.Meaning)))
            .Select(static key => Placeholder().Replace(key.Name, "*"))
            .ToHashSet(StringComparer.OrdinalIgnoreCase);

    public static bool Knows(IReadOnlySet<string> keys, string key)
    {
        var parts = key.Split(':');
        return keys.Contains(key) || keys.Any(pattern => pattern.Contains('*') && Fits(pattern.Split(':'), parts));
    }

    static bool Fits(string[] pattern, string[] parts)
        => pattern.Length == parts.Length && pattern.Zip(parts).All(static pair => pair.First == "*" || string.Equals(pair.First, pair.Second, StringComparison.OrdinalIgnoreCase));

    static IEnumerable<(string Section, Type Type)> Sections(Assembly? assembly)
        => (assembly?.GetTypes() ?? [])
            .Select(static type => (Section: type.GetField("Section", BindingFlags.Public | BindingFlags.Static)?.GetRawConstantValue() as string, Type: type))
            .Where(static one => one.Section is not null)
            .Select(static one => (one.Section!, one.Type))
            .OrderBy(static one => one.Item1, StringComparer.Ordinal);

    static IEnumerable<Key> Of(string prefix, Type type, XmlDocs documentation)
    {
        var defaults = Activator.CreateInstance(type);
        foreach (var property in type.GetProperties().Where(static property => property.CanWrite).OrderBy(static property => property.MetadataToken))
        {
            var name = $"{prefix}:{property.Name}";
            var meaning = documentation.Of(property) ?? Words(property.Name);
            var element = property.PropertyType.IsGenericType ? property.PropertyType.GetGenericArguments()[^1] : null;
            if (element is { IsClass: true } && element != typeof(string))
            {
                foreach (var inner in Of($"{name}:{(property.PropertyType.GetGenericArguments().Length == 1 ? "<n>" : "<name>")}", element, documentation))
                    yield return inner with { Meaning = inner.Meaning + (documentation.Of(property) is { } outer ? $" ({outer.TrimEnd('.')})" : "") };
            }
            else if (property.PropertyType != typeof(string) && property.PropertyType.IsAssignableTo(typeof(IEnumerable)))
            {
                yield return new Key($"{name}:<n>", null, meaning);
            }
            else
            {
                yield return new Key(name, s_shown.TryGetValue(name, out var shown) ? shown : property.GetValue(defaults), meaning);
            }
        }
    }

    static string Shown(object? value) => value switch
    {
        null or "" => "–",
        bool flag => flag ? "`true`" : "`false`",
        Enum choice => $"`{choice.ToString().ToLowerInvariant()}`",
        TimeSpan time => $"`{time:c}`",
        IFormattable number => $"`{number.ToString(null, CultureInfo.InvariantCulture)}`",
        _ => $"`{value}`",
    };

    static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);

    /// <summary>A name that says it all has no summary: <c>MessagesPerMinute</c> is "Messages per minute."</summary>
    static string Words(string name)
    {
        var words = Humps().Replace(name, " $0").Trim().ToLowerInvariant();
        return $"{char.ToUpperInvariant(words[0])}{words[1..]}.";
    }

    sealed record Key(string Name, object? Default, string Meaning);

    [GeneratedRegex("^Section `[^`]+`[.;:]?\\s*")]
    private static partial Regex SectionSentence();

    [GeneratedRegex("(?<=[a-z])[A-Z]|[0-9]+|(?<=[0-9])[A-Z]")]
    private static partial Regex Humps();

    [GeneratedRegex("<[^>]+>")]
    private static partial Regex Placeholder();
}
