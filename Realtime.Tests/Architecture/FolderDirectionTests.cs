using System.Text.RegularExpressions;
using Xunit;

namespace Realtime.Tests.Architecture;

/// <summary>Which folder may use which. A new folder gets its place here first.</summary>
public class FolderDirectionTests
{
    /// <summary>A folder of Realtime.Media uses only folders of lower rank; ranks 0 to 5 are pure, 6 to 9 the edge.</summary>
    static readonly Dictionary<string, int> Media = new()
    {
        ["Core"] = 0,
        ["Rtp"] = 1,
        ["Ice"] = 1,
        ["Dtls"] = 1,
        ["Sdp"] = 1,
        ["Rtcp"] = 2,
        ["Srtp"] = 2,
        ["Congestion"] = 3,
        ["Streams"] = 3,
        ["Relay"] = 3,
        ["Peers"] = 4,
        ["Rooms"] = 5,
        ["Transport"] = 6,
        ["Isolation"] = 7,
        ["Control"] = 8,
        ["Hosting"] = 9,
    };

    const int MediaEdge = 6;

    /// <summary>Realtime.Signaling: decisions, the adapters that implement their ports, the sessions that join both, the rim, hosting. Folders of one rank may use each other.</summary>
    static readonly Dictionary<string, int> Signaling = new()
    {
        ["Errors"] = 0,
        ["Channels"] = 1,
        ["Presence"] = 1,
        ["Friends"] = 1,
        ["Moderation"] = 1,
        ["RateLimits"] = 1,
        ["Delivery"] = 1,
        ["Modes"] = 1,
        ["Rooms"] = 1,
        ["Auth"] = 2,
        ["MediaControl"] = 2,
        ["Data"] = 2,
        ["Fanout"] = 2,
        ["Access"] = 3,
        ["Sessions"] = 3,
        ["People"] = 3,
        ["Attachments"] = 3,
        ["Webhooks"] = 3,
        ["Hubs"] = 4,
        ["Api"] = 4,
        ["Admin"] = 4,
        ["Whip"] = 4,
        ["Hosting"] = 5,
    };

    const int SignalingEdge = 2;

    [Fact]
    public void Media_folders_use_only_folders_below_them() => Rule.Holds(Violations("Realtime.Media", Media, static (user, used) => used < user));

    [Fact]
    public void Signaling_folders_use_only_folders_below_or_beside_them() => Rule.Holds(Violations("Realtime.Signaling", Signaling, static (user, used) => used <= user));

    [Theory]
    [InlineData("Realtime.Media")]
    [InlineData("Realtime.Signaling")]
    [InlineData("Realtime.ServiceDefaults")]
    [InlineData("Realtime.Web")]
    public void A_file_is_in_the_namespace_of_its_folder(string project)
    {
        var wrong =
            from source in Repository.Sources(project)
            let folder = Path.GetDirectoryName(source.Path)!.Replace('\\', '/').Replace('/', '.')
            let declared = Regex.Match(source.Code, @"^namespace ([\w.]+)", RegexOptions.Multiline)
            where declared.Success && declared.Groups[1].Value != folder
            select $"{source.Path}: {declared.Groups[1].Value}";
        Rule.Holds(wrong);
    }

    /// <summary>What the analyzer bans is allowed again in the edge folders, and in no pure one.</summary>
    [Fact]
    public void Purity_is_enforced_by_the_analyzer()
    {
        foreach (var project in new[] { "Realtime.Media", "Realtime.Signaling" })
        {
            var csproj = File.ReadAllText(Repository.PathOf($"{project}/{project}.csproj"));
            Assert.Contains("Microsoft.CodeAnalysis.BannedApiAnalyzers", csproj);
            Assert.Contains("<AdditionalFiles Include=\"BannedSymbols.txt\" />", csproj);
            Assert.NotEmpty(File.ReadAllLines(Repository.PathOf($"{project}/BannedSymbols.txt")));
        }
        var config = File.ReadAllText(Repository.PathOf(".editorconfig"));
        Assert.Contains("dotnet_diagnostic.RS0030.severity = error", config);
        Assert.Equal(Edge(Media, MediaEdge), Exempt(config, "Realtime.Media"));
        Assert.Equal(Edge(Signaling, SignalingEdge), Exempt(config, "Realtime.Signaling"));
    }

    [Fact]
    public void No_source_switches_an_analyzer_of_purity_off()
    {
        var pragmas = from path in Repository.Files("Realtime.Media", ".cs").Concat(Repository.Files("Realtime.Signaling", ".cs"))
                      where File.ReadAllText(Repository.PathOf(path)).Contains("disable RS0030", StringComparison.Ordinal)
                      select path;
        Rule.Holds(pragmas);
    }

    static List<string> Violations(string project, Dictionary<string, int> ranks, Func<int, int, bool> mayUse)
    {
        var found = new List<string>();
        foreach (var (path, code) in Repository.Sources(project))
        {
            var parts = path.Split('/');
            if (parts.Length < 3)
                continue;
            if (!ranks.TryGetValue(parts[1], out var user))
            {
                found.Add($"{path}: the folder {parts[1]} has no rank");
                continue;
            }
            foreach (Match match in Regex.Matches(code, $@"\b{Regex.Escape(project)}\.(\w+)"))
            {
                var used = match.Groups[1].Value;
                if (used != parts[1] && ranks.TryGetValue(used, out var rank) && !mayUse(user, rank))
                    found.Add($"{Repository.Place(path, code, match.Index)}: {parts[1]} uses {used}");
            }
        }
        return found;
    }

    static IEnumerable<string> Edge(Dictionary<string, int> ranks, int from) => ranks.Where(pair => pair.Value >= from).Select(static pair => pair.Key).Order();

    static IEnumerable<string> Exempt(string config, string project) =>
        Regex.Matches(config, $@"^\[{Regex.Escape(project)}/\{{?([\w,]+)\}}?/\*\*\.cs\]\s*\n\s*dotnet_diagnostic\.RS0030\.severity = none", RegexOptions.Multiline)
            .SelectMany(static match => match.Groups[1].Value.Split(',')).Order();
}
