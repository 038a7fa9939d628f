using System.Text.RegularExpressions;
using Xunit;

namespace Realtime.Tests.Architecture;

/// <summary>Each service's README holds a section "Map" with one line per folder (<c>- `Folder`: …</c>, or a table row starting with it), and it is true.</summary>
public partial class MapTests
{
    static readonly string[] NoParts = ["Properties", "wwwroot", "bin", "obj"];

    [Theory]
    [InlineData("Realtime.Signaling")]
    [InlineData("Realtime.Media")]
    [InlineData("Realtime.Web")]
    [InlineData("Realtime.ServiceDefaults")]
    public void The_map_names_every_folder_and_no_other(string project)
    {
        var readme = Repository.PathOf($"{project}/README.md");
        Assert.True(File.Exists(readme), $"{project} has no README.md");
        var folders = Directory.GetDirectories(Repository.PathOf(project)).Select(static path => Path.GetFileName(path))
            .Where(folder => !folder.StartsWith('.') && !NoParts.Contains(folder) && Repository.Files($"{project}/{folder}").Any()).Order().ToList();
        var named = Section(File.ReadAllText(readme)).Select(static line => Entry().Match(line)).Where(static match => match.Success)
            .Select(static match => match.Groups[1].Value).ToList();
        Assert.Equal(folders, named.Order());
        Assert.Equal(named.Distinct().Count(), named.Count);
    }

    [Fact]
    public void The_composition_fits_on_a_page() => Assert.InRange(File.ReadAllLines(Repository.PathOf("Realtime.AppHost/AppHost.cs")).Length, 1, 100);

    static IEnumerable<string> Section(string readme) => readme.Split('\n')
        .SkipWhile(static line => !line.StartsWith("## Map", StringComparison.Ordinal)).Skip(1)
        .TakeWhile(static line => !line.StartsWith("## ", StringComparison.Ordinal));

    [GeneratedRegex(@"^\s*(?:[-*]|\|(?:\s*\d+\s*\|)?)\s*`(\w+)/?`")]
    private static partial Regex Entry();
}
