using System.Text.RegularExpressions;
using Xunit;

namespace Realtime.Tests.Documentation;

public sealed partial class GeneratedPagesTests
{
    public static TheoryData<string> Pages => [.. DocsCommand.Pages.Keys];

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task IsUpToDate(string path)
    {
        var written = await File.ReadAllTextAsync(Path.Combine(DocsCommand.Root(), path));
        Assert.True(written == DocsCommand.Pages[path](), $"{path} is out of date: ./realtime docs writes it anew.");
    }

    /// <summary>Whoever reads a key without an options class says so in <see cref="SingleKeys"/>.</summary>
    [Fact]
    public void EveryKeyThatIsReadIsDocumented()
    {
        var known = ConfigurationReference.Keys();
        var read = new[] { "Realtime.Signaling", "Realtime.Media", "Realtime.Web", "Realtime.ServiceDefaults" }
            .SelectMany(static project => Directory.EnumerateFiles(Path.Combine(DocsCommand.Root(), project), "*.cs", SearchOption.AllDirectories))
            .SelectMany(static file => ReadKey().Matches(File.ReadAllText(file)))
            .Select(static match => match.Groups["key"].Value.Replace("{node}", "*", StringComparison.Ordinal))
            .Distinct()
            .ToArray();
        Assert.Contains("Realtime:Replica", read);
        Assert.All(read, key => Assert.True(known.Contains(key) || ConfigurationReference.Knows(known, key), $"{key} is read, and documented nowhere."));
    }

    [GeneratedRegex("""onfiguration\[\$?"(?<key>[A-Za-z_]+(:[^"]+)?)"\]|const string \w*(Key|Url|PerMinute)\w* = "(?<key>[A-Za-z]+:[A-Za-z:]+)";""")]
    private static partial Regex ReadKey();
}
