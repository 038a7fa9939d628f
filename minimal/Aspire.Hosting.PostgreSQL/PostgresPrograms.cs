using System.Globalization;
using Aspire.Hosting.Runner;

namespace Aspire.Hosting.Postgres;

/// <summary>Where the server's programs are.</summary>
internal static class PostgresPrograms
{
    private const string DebianRoot = "/usr/lib/postgresql";

    /// <summary>The newest installed version's folder, or null.</summary>
    public static string? Newest()
    {
        if (Versions().FirstOrDefault() is { } newest)
            return Folder(newest);
        return Programs.OnPath("postgres") is { } program && Programs.OnPath("initdb") is not null ? Path.GetDirectoryName(program) : null;
    }

    /// <summary>The programs for data of one major version: data of one is useless to another.</summary>
    /// <exception cref="DistributedApplicationException">That version is not installed.</exception>
    public static string FolderFor(string? version)
    {
        if (version is null || !Directory.Exists(DebianRoot))
            return Newest()!;
        return Versions().Contains(version)
            ? Folder(version)
            : throw new DistributedApplicationException($"The data was made by PostgreSQL {version}, which is not installed. Install it with: sudo apt-get install -y postgresql-{version}");
    }

    private static string Folder(string version) => Path.Combine(DebianRoot, version, "bin");

    private static IEnumerable<string> Versions()
        => !Directory.Exists(DebianRoot) ? [] : Directory.EnumerateDirectories(DebianRoot)
            .Select(d => Path.GetFileName(d))
            .Where(v => File.Exists(Path.Combine(Folder(v), "postgres")))
            .OrderByDescending(v => double.TryParse(v, CultureInfo.InvariantCulture, out var number) ? number : 0);
}
