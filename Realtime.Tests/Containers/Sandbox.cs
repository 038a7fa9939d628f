using System.Diagnostics;
using System.Globalization;
using Realtime.Tests.Documentation;
using Realtime.Tests.Harness;

namespace Realtime.Tests.Containers;

/// <summary>
/// A published service run as its container runs it, without a container runtime: its entry command, nothing but its own variables, the user of the image without capabilities or a way to gain
/// them, every file system read-only but a fresh <c>/tmp</c>. Linux's mount namespaces do that; where the tests are not root, in a user namespace.
/// </summary>
static class Sandbox
{
    /// <summary>The user of the images (<c>Container.props</c>).</summary>
    public const int User = 1654;

    // Mounts under it stay writable unless each is remounted; the entry is exec'ed all along, so that the signal to stop reaches it and no shell.
    const string Script = """
        set -e
        mount --make-rprivate /
        for point in $(findmnt -rno TARGET | grep -vE '^/(proc|sys|dev)(/|$)' | sort -r); do mount -o remount,bind,ro "$point" 2>/dev/null || true; done
        mount -t tmpfs -o mode=1777 tmpfs /tmp
        cd "$1"; shift
        exec "$@"
        """;

    /// <summary>Publishes a service of the build that runs these tests.</summary>
    /// <returns>The directory: what lies in the image under <c>/app</c>.</returns>
    public static async Task<string> PublishAsync(string project)
    {
        var root = DocsCommand.Root();
        var output = Path.Combine(root, "artifacts", "containers", project);
        var configuration = AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar).EndsWith("release", StringComparison.OrdinalIgnoreCase) ? "Release" : "Debug";
        var start = new ProcessStartInfo("dotnet", ["publish", Path.Combine(root, project), "-c", configuration, "--no-build", "-o", output, "-v", "q", "-nologo"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = root,
        };
        using var process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        var said = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(patience.Token), process.StandardError.ReadToEndAsync(patience.Token));
        await process.WaitForExitAsync(patience.Token);
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"dotnet publish {project} failed:\n{string.Concat(said)}");
    }

    /// <summary>As the image's entry point has it: <c>dotnet Realtime.X.dll</c> in its own directory.</summary>
    public static ChildProcess Start(string published, string project, IReadOnlyDictionary<string, string> variables)
    {
        var isRoot = Environment.IsPrivilegedProcess;
        List<string> command = [.. isRoot ? ["--mount"] : new[] { "--user", "--map-current-user", "--keep-caps", "--mount" }, "sh", "-c", Script, "sh", published];
        command.AddRange(["setpriv", "--no-new-privs", "--pdeathsig", "KILL"]);
        if (isRoot)
        {
            var user = User.ToString(CultureInfo.InvariantCulture);
            command.AddRange(["--reuid", user, "--regid", user, "--clear-groups", "--inh-caps=-all", "--bounding-set=-all"]);
        }

        // What the base image sets, and then what the platform gives.
        command.AddRange(["env", "-i", $"PATH={Environment.GetEnvironmentVariable("PATH")}", "HOME=/home/app", "DOTNET_RUNNING_IN_CONTAINER=true", "ASPNETCORE_HTTP_PORTS=8080"]);
        command.AddRange(variables.Select(static one => $"{one.Key}={one.Value}"));
        command.AddRange(["dotnet", $"{project}.dll"]);
        return ChildProcess.Start("unshare", command);
    }

    /// <summary>The real user of a process, and whether it could ever gain a right (<c>proc_pid_status(5)</c>).</summary>
    public static async Task<(int User, bool CanGain)> RightsAsync(int pid)
    {
        var lines = await File.ReadAllLinesAsync($"/proc/{pid}/status");
        string Of(string name) => lines.Single(line => line.StartsWith(name + ":", StringComparison.Ordinal)).Split('\t')[1];
        return (int.Parse(Of("Uid"), CultureInfo.InvariantCulture), Of("NoNewPrivs") != "1" || Of("CapEff").Any(static c => c != '0'));
    }
}
