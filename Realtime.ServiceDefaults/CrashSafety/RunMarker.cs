using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using Realtime.Contracts;

namespace Realtime.ServiceDefaults.CrashSafety;

/// <summary>Who ran.</summary>
/// <param name="OomKills">The kernel's count when it started (<see cref="DeathCause.OomKills"/>).</param>
sealed record RunIdentity(string Run, string Service, string Node, int Process, DateTimeOffset Started, string HostBoot, long? OomKills = null);

/// <summary>What it did last, as of <paramref name="Time"/>.</summary>
sealed record RunTail(DateTimeOffset Time, IReadOnlyList<ActionEntry> Actions, ProcessStatistics Statistics);

/// <summary>
/// A file that exists while a process runs and keeps its last actions. What was written is the kernel's and survives <c>kill -9</c> (a plain write does; a memory map
/// would add a SIGBUS on a full disk). The lock on it ends with the process, so a marker that can be locked is a run that died. A clean stop removes it.
/// <code>
/// 0      identity   length(4) json
/// 2048   tail A     sequence(8) length(4) hash(8) json      written in turn: one of them is always whole
/// 33792  tail B
/// </code>
/// </summary>
sealed class RunMarker : IDisposable
{
    const int IdentitySize = 2048;
    const int TailSize = 31 * 1024;
    const int TailHeader = 20;
    const int FileSize = IdentitySize + (2 * TailSize);
    const string Pattern = "run-*.marker";

    /// <summary>Markers looked at in one start; a folder with more is being misused, the rest waits for the next start.</summary>
    const int MaxMarkers = 100;

    readonly string _path;
    readonly FileStream _file;
    long _sequence;

    RunMarker(string path, FileStream file)
    {
        _path = path;
        _file = file;
    }

    public static RunMarker Create(string directory, RunIdentity identity)
    {
        Directory.CreateDirectory(directory);
        var path = Path.Combine(directory, $"run-{identity.Run}.marker");
        var marker = new RunMarker(path, new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 0));
        marker._file.SetLength(FileSize);
        var json = JsonSerializer.SerializeToUtf8Bytes(identity, ContractsJson.Options);
        if (json.Length > IdentitySize - 4)
            throw new InvalidOperationException("The run's identity is too long for its marker.");
        var bytes = new byte[4 + json.Length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, json.Length);
        json.CopyTo(bytes, 4);
        RandomAccess.Write(marker._file.SafeFileHandle, bytes, 0);
        return marker;
    }

    /// <summary>Replaces the older of the two tails. Actions that do not fit are left out, oldest first.</summary>
    public void WriteTail(RunTail tail)
    {
        byte[] json;
        while (true)
        {
            json = JsonSerializer.SerializeToUtf8Bytes(tail, ContractsJson.Options);
            if (json.Length <= TailSize - TailHeader)
                break;
            tail = tail with { Actions = [.. tail.Actions.Skip((tail.Actions.Count / 2) + 1)] };
        }
        _sequence++;
        var bytes = new byte[TailHeader + json.Length];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, _sequence);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), json.Length);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(12), Hash(json));
        json.CopyTo(bytes, TailHeader);
        RandomAccess.Write(_file.SafeFileHandle, bytes, TailOffset((int)(_sequence & 1)));
    }

    /// <summary>Leaves the file behind, as death does.</summary>
    public void Dispose() => _file.Dispose();

    /// <summary>The run stopped as it should: nothing to tell the next one.</summary>
    public void Remove()
    {
        Dispose();
        File.Delete(_path);
    }

    /// <summary>The runs whose markers lie here unlocked. Each is handed out once, also when several processes start together.</summary>
    public static IReadOnlyList<(RunIdentity Identity, RunTail? Tail)> TakeDead(string directory)
    {
        if (!Directory.Exists(directory))
            return [];
        var dead = new List<(RunIdentity, RunTail?)>();
        foreach (var path in Directory.EnumerateFiles(directory, Pattern).Take(MaxMarkers))
        {
            if (ReadAndDelete(path) is { } bytes && Read<RunIdentity>(bytes, 4, Length(bytes, 0, IdentitySize - 4)) is { } identity)
                dead.Add((identity, ReadTail(bytes)));
        }
        return dead;
    }

    static byte[]? ReadAndDelete(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            var bytes = new byte[FileSize];
            var length = stream.ReadAtLeast(bytes, FileSize, throwOnEndOfStream: false);
            // While it is still locked, so that nobody else takes it as well.
            File.Delete(path);
            return length == FileSize ? bytes : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Locked: its process lives. Gone: another start has taken it.
            return null;
        }
    }

    static RunTail? ReadTail(byte[] bytes)
    {
        RunTail? best = null;
        var bestSequence = 0L;
        for (var slot = 0; slot < 2; slot++)
        {
            var at = TailOffset(slot);
            var sequence = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(at));
            var length = Length(bytes, at + 8, TailSize - TailHeader);
            if (sequence <= bestSequence || length == 0
                || Hash(bytes.AsSpan(at + TailHeader, length)) != BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(at + 12))
                || Read<RunTail>(bytes, at + TailHeader, length) is not { } tail)
                continue;
            best = tail;
            bestSequence = sequence;
        }
        return best;
    }

    static int TailOffset(int slot) => IdentitySize + (slot * TailSize);

    static int Length(byte[] bytes, int at, int max) => BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at)) is var length && length > 0 && length <= max ? length : 0;

    static T? Read<T>(byte[] bytes, int at, int length) where T : class =>
        SafeJson.TryRead<T>(bytes.AsMemory(at, length), out var value) ? value : null;

    static long Hash(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        return BinaryPrimitives.ReadInt64LittleEndian(hash);
    }
}
