using System.Text.RegularExpressions;
using Xunit;

namespace Realtime.Tests.Architecture;

/// <summary>Habits that a compiler does not hold anybody to.</summary>
public class HouseRuleTests
{
    static readonly string[] Services = ["Realtime.Signaling", "Realtime.Media", "Realtime.Web", "Realtime.ServiceDefaults", "clients/dotnet"];
    static readonly string[] Everything = [.. Services, "Realtime.Contracts", "Realtime.AppHost", "Realtime.Tests", "minimal", "bench"];

    /// <summary>Where background work is started for all others, supervised; and the media loops' own threads, which stand under it.</summary>
    static readonly string[] Starters = ["clients/dotnet/Realtime.Client/Background/Supervisor.cs", "Realtime.ServiceDefaults/CrashSafety/Supervisor.cs", "Realtime.ServiceDefaults/CrashSafety/SupervisedService.cs", "Realtime.Media/Isolation/DedicatedThread.cs"];

    static List<string> Find(string pattern, string[] folders, Func<string, bool>? except = null) =>
    [
        .. from source in Repository.Sources(folders)
           where except?.Invoke(source.Path) != true
           from Match match in Regex.Matches(source.Code, pattern, RegexOptions.Multiline)
           select $"{Repository.Place(source.Path, source.Code, match.Index)}: {match.Value.Trim()}",
    ];

    [Fact]
    public void No_background_work_runs_unsupervised() => Rule.Holds(Find(
        @"\bTask\.Run\(|\bTask\.Factory\.StartNew\b|\basync void\b|\bnew (System\.Threading\.)?(Timer|Thread)\(|\bThreadPool\.\w*Queue\w*\(|: BackgroundService\b|^\s*_ = (?!InvokeAsync)[\w.]*Async\(",
        Services, Starters.Contains));

    /// <summary>An empty catch names what it expects and says why that is no failure; one for every exception is never empty.</summary>
    [Fact]
    public void No_exception_is_swallowed()
    {
        var found = from source in Repository.Sources(Everything)
                    from Match match in Regex.Matches(source.Code, @"\bcatch\s*(?<type>\([^)]*\)\s*)?(?<when>when\s*\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)\s*)?(?<body>\{\s*\})")
                    let body = File.ReadAllText(Repository.PathOf(source.Path)).Substring(match.Groups["body"].Index, match.Groups["body"].Length)
                    let all = !match.Groups["when"].Success && (!match.Groups["type"].Success || Regex.IsMatch(match.Groups["type"].Value, @"^\(\s*(System\.)?Exception\b"))
                    where all || !body.Contains("//", StringComparison.Ordinal)
                    select $"{Repository.Place(source.Path, source.Code, match.Index)}: {match.Value.Split('\n')[0]}";
        Rule.Holds(found);
    }

    [Fact]
    public void No_test_sleeps() => Rule.Holds(Find(@"\bThread\.Sleep\(", ["Realtime.Tests"]));

    [Fact]
    public void Nothing_is_called_Channel_and_no_file_is_a_drawer_for_everything()
    {
        Rule.Holds(Find(@"\b(class|record|struct|interface) Channel\b", Everything));
        Assert.DoesNotContain(Everything.SelectMany(static folder => Repository.Files(folder, ".cs")),
            static path => Path.GetFileNameWithoutExtension(path) is "Extensions" or "Utils" or "Helpers" or "Common" or "Misc");
    }

    [Fact]
    public void No_file_holds_a_path_of_somebodys_machine()
    {
        // Put together here, so that this file does not match itself. The user of the container images is nobody's machine.
        var homes = string.Join('|', "home", "root", "Users", "work", "farm");
        var pattern = new Regex($"""(?<=[\s"'`(=:]|^)(/({homes})/(?!app\b)\w|[A-Z]:\\Users\\)""", RegexOptions.Multiline);
        string[] texts = [".cs", ".csproj", ".props", ".targets", ".json", ".md", ".sln", ".razor", ".ts", ".js", ".mjs", ".css", ".html", ".txt", ".cmd", ".sh", ".yml", ".editorconfig", ""];
        var found = from path in Repository.Files(".", texts)
                    where path != "package-set.props"
                    let text = File.ReadAllText(Repository.PathOf(path))
                    from Match match in pattern.Matches(text)
                    select $"{Repository.Place(path, text, match.Index)}: {match.Value}";
        Rule.Holds(found);
    }

    [Theory]
    [InlineData("a // b\nc", "a     \nc")]
    [InlineData("a /* b\n */ c", "a     \n    c")]
    [InlineData("f(\"Task.Run(\") g", "f(           ) g")]
    [InlineData("f(\"a\\\"b\") g", "f(      ) g")]
    [InlineData("f(@\"a\\\") g", "f(     ) g")]
    [InlineData("f('\"') g \"x\"", "f(   ) g    ")]
    [InlineData("it's \"so\"", "it's     ")]
    public void The_scan_sees_code_alone(string source, string code) => Assert.Equal(code, Repository.WithoutCommentsAndText(source));
}
