using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Runner;

namespace Aspire.Hosting.Postgres;

/// <summary>
/// PostgreSQL from PATH or, as Debian installs it, from <c>/usr/lib/postgresql/*/bin</c>. It refuses to run as root: then it runs as user
/// <c>postgres</c>, with its data where that user can reach it.
/// </summary>
internal static class PostgresRecipe
{
    private const string Account = "postgres";

    public static ProcessRecipeAnnotation For(PostgresServerResource server) => new()
    {
        Missing = Missing,
        Prepare = async (context, cancellationToken) =>
        {
            var account = Environment.IsPrivilegedProcess && OperatingSystem.IsLinux() ? Account : null;
            var data = await PostgresDataDirectory.PrepareAsync(server, context.State, context.Instance.Id, account, cancellationToken);
            return new ProcessSpec
            {
                FileName = Path.Combine(PostgresPrograms.FolderFor(data.Version), "postgres"),
                Arguments =
                [
                    "-D", data.Path,
                    "-c", "listen_addresses=127.0.0.1",
                    "-c", $"port={context.Instance.TargetPorts.Single().Value.ToString(CultureInfo.InvariantCulture)}",
                    // Addresses only: a socket file would be one more thing that survives a kill.
                    "-c", "unix_socket_directories=",
                    "-c", "max_connections=300"
                ],
                WorkingDirectory = data.Path,
                RunAs = account,
                // SIGINT is PostgreSQL's fast shutdown; SIGTERM would wait for every client to leave.
                StopSignal = PosixSignalNumber.Interrupt
            };
        }
    };

    private static string? Missing()
    {
        if (PostgresPrograms.Newest() is null)
            return Programs.Missing("postgres", "postgresql");
        if (Environment.IsPrivilegedProcess && OperatingSystem.IsLinux() && !File.ReadLines("/etc/passwd").Any(l => l.StartsWith($"{Account}:", StringComparison.Ordinal)))
            return $"PostgreSQL does not run as root, and there is no user '{Account}'. Install it with: sudo apt-get install -y postgresql";
        return null;
    }
}
