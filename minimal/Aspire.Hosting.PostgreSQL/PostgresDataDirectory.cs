using System.Diagnostics;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Runner;

namespace Aspire.Hosting.Postgres;

/// <param name="Version">The major version that made the data.</param>
internal sealed record PostgresData(string Path, string? Version);

/// <summary>Makes the data folder on the first start, and clears what a killed run left in it.</summary>
internal static class PostgresDataDirectory
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    public static async Task<PostgresData> PrepareAsync(PostgresServerResource server, StateDirectory state, string name, string? account, CancellationToken cancellationToken)
    {
        var folder = account is null ? state.DataOf(name) : state.DataOutside(name);
        var data = Path.Combine(folder, "data");
        var versionFile = Path.Combine(data, "PG_VERSION");
        if (!File.Exists(versionFile))
            await InitializeAsync(server, folder, data, account, cancellationToken);
        RemoveStaleLock(Path.Combine(data, "postmaster.pid"));
        return new PostgresData(data, File.Exists(versionFile) ? (await File.ReadAllTextAsync(versionFile, cancellationToken)).Trim() : null);
    }

    private static async Task InitializeAsync(PostgresServerResource server, string folder, string data, string? account, CancellationToken cancellationToken)
    {
        // A first start that was interrupted leaves a folder without PG_VERSION, which initdb would refuse.
        if (Directory.Exists(data))
            Directory.Delete(data, recursive: true);
        var passwordFile = Path.Combine(folder, "password");
        PrivateFile.Write(passwordFile, $"{await server.PasswordParameter.GetValueAsync(cancellationToken)}\n");
        string[] initdb =
        [
            Path.Combine(PostgresPrograms.FolderFor(null), "initdb"), "-D", data, "-U", (await server.UserNameReference.GetValueAsync(cancellationToken))!,
            "--pwfile", passwordFile, "--auth=scram-sha-256", "-E", "UTF8", "--no-locale"
        ];
        if (account is not null)
            await RunAsync(["chown", "-R", $"{account}:{account}", folder], cancellationToken);
        await RunAsync(account is null ? initdb : ["setpriv", "--reuid", account, "--regid", account, "--clear-groups", "--", .. initdb], cancellationToken);
        File.Delete(passwordFile);
    }

    /// <summary>
    /// A killed server leaves its lock with a process id that may meanwhile be somebody else's; the server would then refuse to start. The
    /// runner holds the lock of the whole state directory and has ended its leftovers, so only a living server with this very file keeps it.
    /// </summary>
    private static void RemoveStaleLock(string lockFile)
    {
        if (!File.Exists(lockFile))
            return;
        var pid = File.ReadLines(lockFile).FirstOrDefault();
        var executable = new FileInfo($"/proc/{pid}/exe");
        var alive = executable.LinkTarget is { } target && Path.GetFileName(target).StartsWith("postgres", StringComparison.Ordinal);
        if (!alive)
            File.Delete(lockFile);
        else
            ChildProcess.Signal(PosixSignalNumber.Interrupt, int.Parse(pid!, System.Globalization.CultureInfo.InvariantCulture));
    }

    private static async Task RunAsync(string[] command, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_patience);
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" })!;
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var error = process.StandardError.ReadToEndAsync(limit.Token);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }

        await output;
        if (process.ExitCode != 0)
            throw new DistributedApplicationException($"{command[0]} failed with code {process.ExitCode}: {(await error).Trim()}");
    }
}
