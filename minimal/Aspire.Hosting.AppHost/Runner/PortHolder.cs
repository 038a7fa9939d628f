using System.Globalization;
using System.Net.Sockets;

namespace Aspire.Hosting.Runner;

/// <summary>Finds, through <c>/proc</c>, the process that listens on a port.</summary>
internal static class PortHolder
{
    /// <returns><c>process 123 (redis-server *:6379)</c>, or that it cannot be told.</returns>
    public static string Describe(ProtocolType protocol, int port)
    {
        var inodes = SocketInodes(protocol, port);
        if (inodes.Count > 0)
        {
            foreach (var directory in Directory.EnumerateDirectories("/proc"))
            {
                if (int.TryParse(Path.GetFileName(directory), out var pid) && Holds(directory, inodes))
                    return $"process {pid} ({CommandLine(directory)})";
            }
        }

        return "another process (its owner is another user, so which one cannot be told)";
    }

    private static HashSet<string> SocketInodes(ProtocolType protocol, int port)
    {
        var name = protocol == ProtocolType.Udp ? "udp" : "tcp";
        var hex = port.ToString("X4", CultureInfo.InvariantCulture);
        var inodes = new HashSet<string>();
        foreach (var file in new[] { $"/proc/net/{name}", $"/proc/net/{name}6" }.Where(File.Exists))
        {
            foreach (var line in File.ReadLines(file).Skip(1))
            {
                // sl local_address rem_address st ... uid timeout inode; state 0A is LISTEN.
                var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                if (fields.Length > 9 && fields[1].EndsWith($":{hex}", StringComparison.Ordinal) && (name == "udp" || fields[3] == "0A"))
                    inodes.Add($"socket:[{fields[9]}]");
            }
        }

        return inodes;
    }

    private static bool Holds(string processDirectory, HashSet<string> inodes)
    {
        try
        {
            return Directory.EnumerateFiles(Path.Combine(processDirectory, "fd")).Any(fd => File.ResolveLinkTarget(fd, false) is { } link && inodes.Contains(Path.GetFileName(link.FullName)));
        }
        catch (Exception gone) when (gone is UnauthorizedAccessException or IOException)
        {
            // Another user's process, or one that has just ended.
            return false;
        }
    }

    private static string CommandLine(string processDirectory)
    {
        try
        {
            var text = File.ReadAllText(Path.Combine(processDirectory, "cmdline")).Replace('\0', ' ').Trim();
            return text.Length > 100 ? text[..100] + " …" : text;
        }
        catch (IOException)
        {
            return "ended meanwhile";
        }
    }
}
