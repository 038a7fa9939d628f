using System.Globalization;
using System.Text.Json;
using Realtime.Contracts;

namespace Realtime.ServiceDefaults.CrashSafety;

/// <summary>Crash reports on disk: <c>crash-&lt;time&gt;-&lt;hash&gt;-&lt;id&gt;.json</c>, so that names sort by age. Bounded; the oldest go first.</summary>
sealed class CrashFiles(string directory, int maxFiles)
{
    const string Pattern = "crash-*.json";

    /// <summary>Of a file that is read back; reports are far smaller.</summary>
    const int MaxBytes = 1024 * 1024;

    static readonly JsonSerializerOptions Indented = new(ContractsJson.Options) { WriteIndented = true };

    readonly Lock _gate = new();
    int _files = -1;

    public string Directory { get; } = directory;

    public string Write(CrashReport report)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(report, Indented);
        var stamp = report.Time.UtcDateTime.ToString("yyyyMMdd'T'HHmmssfff", CultureInfo.InvariantCulture);
        var path = Path.Combine(Directory, $"crash-{stamp}-{report.StackHash}-{report.Id}.json");
        lock (_gate)
        {
            System.IO.Directory.CreateDirectory(Directory);
            MakeRoom();
            // Written aside and renamed: a report is whole or absent, also when the process dies meanwhile.
            var partial = path + ".part";
            File.WriteAllBytes(partial, bytes);
            File.Move(partial, path, overwrite: true);
            _files++;
        }
        return path;
    }

    /// <summary>Reports whose files come after the one named, oldest first; files that cannot be read are left out.</summary>
    public IReadOnlyList<(string Name, CrashReport Report)> ReadAfter(string after, int most)
    {
        if (!System.IO.Directory.Exists(Directory))
            return [];
        var found = new List<(string, CrashReport)>();
        foreach (var name in System.IO.Directory.GetFiles(Directory, Pattern).Select(static path => Path.GetFileName(path)).Where(name => string.CompareOrdinal(name, after) > 0).Order(StringComparer.Ordinal))
        {
            if (found.Count == most)
                break;
            if (TryRead(Path.Combine(Directory, name)) is { } report)
                found.Add((name, report));
        }
        return found;
    }

    static CrashReport? TryRead(string path)
    {
        try
        {
            return new FileInfo(path).Length <= MaxBytes && SafeJson.TryRead<CrashReport>(File.ReadAllBytes(path), out var report, MaxBytes) ? report : null;
        }
        catch (IOException)
        {
            // Deleted meanwhile, to make room.
            return null;
        }
    }

    /// <summary>Counts the folder only now and then: replicas share it, so the bound is kept within a few files.</summary>
    void MakeRoom()
    {
        if (_files >= 0 && _files < maxFiles && _files % 50 != 0)
            return;
        var files = System.IO.Directory.GetFiles(Directory, Pattern);
        Array.Sort(files, StringComparer.Ordinal);
        var surplus = files.Length - maxFiles + 1;
        for (var i = 0; i < surplus; i++)
            File.Delete(files[i]);
        _files = Math.Min(files.Length, maxFiles - 1);
    }
}
