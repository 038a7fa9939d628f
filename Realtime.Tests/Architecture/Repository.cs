using System.Text;

namespace Realtime.Tests.Architecture;

/// <summary>The source tree, found by walking up from the tests' output to <c>Realtime.sln</c>.</summary>
static class Repository
{
    static readonly string[] NotOurs = [".git", ".realtime", "artifacts", "bin", "obj", "node_modules", "dist", "TestResults", ".vs", ".idea", ".vscode"];

    public static string Root { get; } = FindRoot();

    public static string PathOf(string relative) => Path.Combine(Root, relative);

    /// <summary>Files below a folder of the root, as paths relative to the root with forward slashes; what is built or fetched is left out.</summary>
    public static IEnumerable<string> Files(string folder, params string[] extensions)
    {
        var start = PathOf(folder);
        return Directory.Exists(start) ? Walk(start, extensions) : [];
    }

    /// <summary>C# and Razor sources below a folder with comments and the insides of literals blanked, line by line where they were.</summary>
    public static IEnumerable<(string Path, string Code)> Sources(params string[] folders) =>
        from folder in folders
        from path in Files(folder, ".cs", ".razor")
        select (path, WithoutCommentsAndText(File.ReadAllText(PathOf(path))));

    /// <summary>"path:line", for messages.</summary>
    public static string Place(string path, string code, int index) => $"{path}:{code.AsSpan(0, index).Count('\n') + 1}";

    static IEnumerable<string> Walk(string folder, string[] extensions)
    {
        foreach (var directory in Directory.EnumerateDirectories(folder).Where(static directory => !NotOurs.Contains(Path.GetFileName(directory))))
        {
            foreach (var file in Walk(directory, extensions))
                yield return file;
        }
        foreach (var file in Directory.EnumerateFiles(folder))
        {
            if (extensions.Length == 0 || extensions.Contains(Path.GetExtension(file)))
                yield return Path.GetRelativePath(Root, file).Replace('\\', '/');
        }
    }

    static string FindRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "Realtime.sln")))
                return directory.FullName;
        }
        throw new InvalidOperationException($"No Realtime.sln above {AppContext.BaseDirectory}.");
    }

    /// <summary>Enough of a lexer for scans: comments, and the text of string and character literals, become spaces; interpolations go with their string.</summary>
    internal static string WithoutCommentsAndText(string source)
    {
        var code = new StringBuilder(source);
        var i = 0;
        while (i < source.Length)
        {
            var end = EndOfCommentOrText(source, i, out var from);
            if (end == i)
            {
                i++;
                continue;
            }
            for (var at = from; at < end; at++)
            {
                if (code[at] != '\n')
                    code[at] = ' ';
            }
            i = end;
        }
        return code.ToString();
    }

    static int EndOfCommentOrText(string source, int i, out int from)
    {
        from = i;
        var rest = source.AsSpan(i);
        if (rest.StartsWith("//"))
            return End(source, "\n", i) - 1;
        if (rest.StartsWith("/*"))
            return End(source, "*/", i + 2);
        if (rest.StartsWith("\"\"\""))
        {
            var quotes = rest.Length - rest.TrimStart('"').Length;
            return End(source, new string('"', quotes), i + quotes);
        }
        if (rest.StartsWith("@\"") || rest.StartsWith("$@\"") || rest.StartsWith("@$\""))
            return EndOfVerbatim(source, source.IndexOf('"', i) + 1);
        return rest[0] is '"' or '\'' ? EndOfLiteral(source, i) : i;
    }

    static int End(string source, string mark, int from) => source.IndexOf(mark, Math.Min(from, source.Length), StringComparison.Ordinal) is var at and >= 0 ? at + mark.Length : source.Length + (mark == "\n" ? 1 : 0);

    static int EndOfVerbatim(string source, int i)
    {
        while (i < source.Length && (source[i] != '"' || (i + 1 < source.Length && source[i + 1] == '"')))
            i += source[i] == '"' ? 2 : 1;
        return Math.Min(i + 1, source.Length);
    }

    /// <summary>A quote that does not end on its line (an apostrophe in Razor's text) is none.</summary>
    static int EndOfLiteral(string source, int start)
    {
        for (var i = start + 1; i < source.Length && source[i] != '\n'; i++)
        {
            if (source[i] == '\\')
                i++;
            else if (source[i] == source[start])
                return i + 1;
        }
        return start;
    }
}
