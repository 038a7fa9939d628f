using Microsoft.Extensions.Options;
using Realtime.Contracts;
using Realtime.Signaling.Errors;

namespace Realtime.Signaling.Attachments;

/// <summary>
/// The bytes of attachments: written aside, flushed to the disk and renamed, so that a file is whole or absent, also when the process or the machine dies meanwhile. Paths are made of
/// ids alone.
/// </summary>
public sealed class AttachmentFiles(IOptionsMonitor<AttachmentOptions> options)
{
    const int BufferSize = 128 * 1024;
    const int FullRetryAfterMs = 60_000;

    /// <exception cref="RealtimeException"><c>unavailable</c>: the disk is nearly full.</exception>
    public void RequireSpace()
    {
        Directory.CreateDirectory(Partials);
        var drive = new DriveInfo(Path.GetFullPath(Root));
        if (drive.AvailableFreeSpace < drive.TotalSize * options.CurrentValue.MinFreeDisk)
            throw Full(null);
    }

    public FileStream Create(string id) => new(PartialOf(id), new FileStreamOptions
    {
        Mode = FileMode.CreateNew,
        Access = FileAccess.Write,
        Share = FileShare.None,
        BufferSize = BufferSize,
        Options = FileOptions.Asynchronous,
    });

    /// <summary>From here on it can be read. The stream is closed and on the disk before its name is.</summary>
    public async Task FinishAsync(string id, FileStream written)
    {
        await written.FlushAsync();
        written.Flush(flushToDisk: true);
        await written.DisposeAsync();
        var path = PathOf(id);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.Move(PartialOf(id), path);
    }

    /// <summary>Null: it is not here (another replica's disk, or gone).</summary>
    public string? Find(string id) => PathOf(id) is var path && File.Exists(path) ? path : null;

    /// <summary>Whatever there is of it; nothing is fine.</summary>
    public void Delete(string id)
    {
        if (Directory.Exists(Partials))
            File.Delete(PartialOf(id));
        if (Find(id) is { } path)
            File.Delete(path);
    }

    public static RealtimeException Full(Exception? cause) =>
        new(new(ErrorCode.Unavailable, "There is no room for uploads at the moment.", RetryAfterMs: FullRetryAfterMs, Scope: "disk"), cause);

    string Root => options.CurrentValue.Directory;

    string Partials => Path.Combine(Root, "partial");

    string PartialOf(string id) => Path.Combine(Partials, Checked(id));

    /// <summary>Two characters make a folder: 4,096 of them keep each small.</summary>
    string PathOf(string id) => Path.Combine(Root, Checked(id)[..2], id);

    static string Checked(string id) => AttachmentNames.IsId(id) ? id : throw new ArgumentException("Not an attachment's id.", nameof(id));
}
