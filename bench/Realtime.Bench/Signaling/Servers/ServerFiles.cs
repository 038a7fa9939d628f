namespace Realtime.Bench.Signaling.Servers;

/// <summary>Where what was built lies.</summary>
static class ServerFiles
{
    /// <summary>The repository's root: the folder above <c>artifacts</c>.</summary>
    public static string Root { get; } = FindRoot();

    public static string Assembly(string project)
    {
        // artifacts/bin/Realtime.Bench/release/ and its neighbours, built alike.
        var configuration = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        var path = Path.Combine(Root, "artifacts", "bin", project, configuration, $"{project}.dll");
        return File.Exists(path) ? path : throw new InvalidOperationException($"{path} is not there: build {project} first.");
    }

    /// <summary>Where a .NET server is started: it watches the files there, so it must not be where others write.</summary>
    public static string Folder(string project) => Path.GetDirectoryName(Assembly(project))!;

    static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Realtime.sln"))) folder = folder.Parent ?? throw new InvalidOperationException("The bench runs inside its repository.");
        return folder.FullName;
    }
}
