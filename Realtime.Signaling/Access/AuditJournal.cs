using System.Text.Json;
using Microsoft.Extensions.Options;
using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Data;

namespace Realtime.Signaling.Access;

/// <summary>
/// Records that wait for Postgres, on this replica's disk beside its crash reports: one JSON line each, flushed before the operator is answered, so that a death of the process costs
/// none of them. Bounded by who writes (<see cref="AuditLater.MaxWaiting"/>); removed when all are recorded. After a death between recording and removing, some are recorded twice.
/// </summary>
public sealed class AuditJournal(IOptions<CrashReportOptions> reports, ReplicaIdentity self)
{
    /// <summary>Of one line; details are an operator's request.</summary>
    const int MaxLineBytes = 64 * 1024;

    /// <summary>Null: nothing is kept on this disk.</summary>
    readonly string? _path = reports.Value.Directory is { } directory
        ? Path.Combine(directory, $"audit-{string.Concat(self.Name.Select(static c => char.IsAsciiLetterOrDigit(c) || c == '-' ? c : '_'))}.jsonl") : null;

    /// <summary>What a run before left behind, oldest first; lines that cannot be read (the last one of a full disk) are left out.</summary>
    public IReadOnlyList<AuditRecord> Read()
    {
        if (_path is null || !File.Exists(_path))
            return [];
        var found = new List<AuditRecord>();
        foreach (var line in File.ReadLines(_path).Take(AuditLater.MaxWaiting))
        {
            if (SafeJson.TryRead<AuditRecord>(System.Text.Encoding.UTF8.GetBytes(line), out var record, MaxLineBytes) && record is { Actor: not null, Action: not null })
                found.Add(record);
        }
        return found;
    }

    /// <exception cref="IOException">The disk does not take it.</exception>
    public void Append(AuditRecord record)
    {
        if (_path is null)
            return;
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        var options = new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.Read };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new FileStream(_path, options);
        file.Write(JsonSerializer.SerializeToUtf8Bytes(record, ContractsJson.Options));
        file.Write("\n"u8);
        file.Flush(flushToDisk: true);
    }

    /// <summary>Everything is recorded.</summary>
    public void Clear()
    {
        if (_path is not null)
            File.Delete(_path);
    }
}
