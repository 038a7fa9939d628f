using System.Globalization;

namespace Aspire.Hosting.Runner;

/// <summary>The image <c>coturn/coturn</c> as <c>turnserver</c> on loopback; the application works without it.</summary>
internal static class CoturnRecipe
{
    public const string Image = "coturn/coturn";

    public static ProcessRecipeAnnotation For() => new()
    {
        Essential = false,
        Missing = () => Programs.OnPath("turnserver") is null ? Programs.Missing("turnserver", "coturn") : null,
        Prepare = (context, _) =>
        {
            var folder = context.State.DataOf(context.Instance.Id);
            var port = context.Instance.TargetPorts.First().Value.ToString(CultureInfo.InvariantCulture);
            // In a file and not on the command line, because every user of the machine can read command lines.
            var lines = context.Arguments.Select(a => a.TrimStart('-')).Concat(
            [
                $"listening-port={port}", "listening-ip=127.0.0.1", "relay-ip=127.0.0.1", "allow-loopback-peers",
                "no-cli", "no-tls", "no-dtls", "log-file=stdout", "simple-log",
                $"pidfile={Path.Combine(folder, "turnserver.pid")}", $"userdb={Path.Combine(folder, "turndb")}"
            ]);
            var file = Path.Combine(folder, "turnserver.conf");
            PrivateFile.Write(file, string.Join('\n', lines) + "\n");
            return Task.FromResult(new ProcessSpec { FileName = Programs.OnPath("turnserver")!, Arguments = ["-c", file], WorkingDirectory = folder });
        }
    };
}
