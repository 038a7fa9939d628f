using System.Globalization;
using Realtime.Bench.Signaling.Servers;

namespace Realtime.Tests.Soak;

/// <summary>What a process holds after it has collected its garbage.</summary>
/// <param name="Memory">Anonymous and resident, in KiB.</param>
/// <param name="NativeHeap">Of it, what malloc has: the heap and its arenas.</param>
/// <param name="Handles">Open file descriptors.</param>
sealed record Footprint(long Memory, long NativeHeap, int Handles, int Threads)
{
    /// <summary>malloc's arenas are of this size and so aligned: the part in use, then the part without access.</summary>
    const ulong ArenaBytes = 64 << 20;

    public static async Task<Footprint> OfAsync(int pid, CancellationToken stop)
    {
        await DiagnosticsPort.CollectAsync(pid, stop);
        var status = File.ReadAllLines($"/proc/{pid}/status");
        return new Footprint(Number(status, "RssAnon:"), NativeHeapOf(pid), Directory.GetFileSystemEntries($"/proc/{pid}/fd").Length, (int)Number(status, "Threads:"));
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Memory / 1024.0:F1} MiB, of it malloc's {NativeHeap / 1024.0:F1}, {Handles} handles, {Threads} threads");

    static long NativeHeapOf(int pid)
    {
        var total = 0L;
        var mappings = Mappings(File.ReadAllLines($"/proc/{pid}/smaps"));
        for (var i = 0; i < mappings.Count; i++)
        {
            var (start, end, access, path, resident) = mappings[i];
            var isArena = path.Length == 0 && start % ArenaBytes == 0 && access.StartsWith("rw", StringComparison.Ordinal)
                && (end - start == ArenaBytes || (i + 1 < mappings.Count && mappings[i + 1].Start == end && mappings[i + 1].Access.StartsWith("---", StringComparison.Ordinal) && mappings[i + 1].End - start == ArenaBytes));
            if (isArena || path == "[heap]")
                total += resident;
        }
        return total;
    }

    // "7f00-7f10 rw-p 00000000 00:00 0   [heap]", then lines like "Rss:  12 kB".
    static List<(ulong Start, ulong End, string Access, string Path, long Resident)> Mappings(string[] lines)
    {
        var found = new List<(ulong, ulong, string, string, long)>();
        foreach (var line in lines)
        {
            var parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (parts[0].EndsWith(':'))
            {
                if (parts[0] == "Rss:" && found.Count > 0)
                    found[^1] = found[^1] with { Item5 = long.Parse(parts[1], CultureInfo.InvariantCulture) };
                continue;
            }
            var range = parts[0].Split('-');
            found.Add((ulong.Parse(range[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture), ulong.Parse(range[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture), parts[1], parts.Length > 5 ? parts[5] : "", 0));
        }
        return found;
    }

    static long Number(string[] status, string name) =>
        long.Parse(status.First(line => line.StartsWith(name, StringComparison.Ordinal)).Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
}
