using System.Globalization;

namespace Realtime.Tests.Harness;

/// <summary>An initialised data directory, made once on a machine (initdb takes seconds) and copied for each server.</summary>
internal static class PostgresTemplate
{
    /// <summary>Postgres refuses to run as root; its package brings this user.</summary>
    public const string User = "postgres";

    static readonly Lazy<Task<string>> s_template = new(MakeAsync);
    static readonly Lazy<string> s_binaries = new(FindBinaries);

    public static string Binary(string name) => Path.Combine(s_binaries.Value, name);

    /// <returns>A fresh data directory.</returns>
    public static async Task<string> CopyAsync()
    {
        var template = await s_template.Value;
        var directory = Path.Combine(Path.GetTempPath(), $"realtime-postgres-{Guid.NewGuid():N}");
        await RunAsync("cp", "-a", template, directory);
        return directory;
    }

    static async Task<string> MakeAsync()
    {
        // The version and the owner are part of what it is.
        var version = Path.GetFileName(Path.GetDirectoryName(s_binaries.Value));
        var template = Path.Combine(Path.GetTempPath(), $"realtime-postgres-template-{version}-{Environment.UserName}");
        if (Directory.Exists(template))
            return template;
        var scratch = $"{template}-{Guid.NewGuid():N}";
        await RunAsync(Binary("initdb"), "-D", scratch, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync");
        try
        {
            Directory.Move(scratch, template);
        }
        catch (IOException) when (Directory.Exists(template))
        {
            // Another test run was faster.
            Directory.Delete(scratch, recursive: true);
        }
        return template;
    }

    static async Task RunAsync(string file, params string[] arguments)
    {
        await using var process = ChildProcess.Start(file, arguments, User);
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{file} failed with {process.ExitCode}: {process.Output}");
    }

    static string FindBinaries()
    {
        // Debian's packages keep the server out of PATH, one directory per major version.
        var debian = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql")
                .OrderByDescending(path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var major) ? major : 0)
                .Select(path => Path.Combine(path, "bin"))
            : [];
        return debian.Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator))
            .FirstOrDefault(path => File.Exists(Path.Combine(path, "postgres")))
            ?? throw new FileNotFoundException("postgres is not installed: apt-get install postgresql");
    }
}
