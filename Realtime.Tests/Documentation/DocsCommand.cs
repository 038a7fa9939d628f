namespace Realtime.Tests.Documentation;

/// <summary><c>./realtime docs</c>: writes the generated pages. <see cref="GeneratedPagesTests"/> fails while one of them is out of date.</summary>
static class DocsCommand
{
    /// <summary>By path from the repository's root.</summary>
    public static IReadOnlyDictionary<string, Func<string>> Pages { get; } = new Dictionary<string, Func<string>>
    {
        ["docs/configuration.md"] = ConfigurationReference.Page,
        ["docs/reference.md"] = WireReference.Page,
    };

    public static async Task<int> RunAsync()
    {
        foreach (var (path, page) in Pages)
        {
            var file = Path.Combine(Root(), path);
            await File.WriteAllTextAsync(file, page());
            Console.WriteLine(path);
        }

        return 0;
    }

    /// <exception cref="DirectoryNotFoundException">This does not run inside the repository.</exception>
    public static string Root()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "Realtime.sln")))
                return directory.FullName;
        }

        throw new DirectoryNotFoundException("Realtime.sln was not found above the program.");
    }
}
