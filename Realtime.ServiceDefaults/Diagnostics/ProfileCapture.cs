using System.Diagnostics.Tracing;
using System.Globalization;
using Microsoft.Diagnostics.NETCore.Client;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Realtime.ServiceDefaults.CrashSafety;

namespace Realtime.ServiceDefaults.Diagnostics;

/// <summary>
/// Samples this process's stacks for a while, through the runtime's own EventPipe: one capture at a time, <see cref="MaxSeconds"/> and <see cref="MaxBytes"/> at most (what comes after is not
/// kept), the last <see cref="MaxKept"/> files. Stacks and runtime events hold no texts of users.
/// </summary>
public sealed partial class ProfileCapture(IOptions<CrashReportOptions> reports, Supervisor supervisor, TimeProvider time, ILogger<ProfileCapture> log)
{
    public const int MaxSeconds = 60;
    public const int MaxKept = 5;
    public const long MaxBytes = 256L * 1024 * 1024;

    const int BufferMegabytes = 64;
    const string Suffix = ".nettrace";

    /// <summary>The runtime's default keywords, as <c>dotnet-trace collect --profile cpu-sampling</c> takes them.</summary>
    const long RuntimeKeywords = 0x14C14FCCBD;

    readonly string _directory = Path.Combine(reports.Value.Directory ?? Path.Combine(Path.GetTempPath(), "realtime"), "profiles");
    SupervisedWork? _running;

    /// <returns>Null: one is being captured already.</returns>
    public ProfileInfo? Start(TimeSpan span)
    {
        var now = time.GetUtcNow();
        var id = $"{now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss", CultureInfo.InvariantCulture)}-{Guid.NewGuid():N}"[..28];
        lock (_directory)
        {
            if (_running is { Completion.IsCompleted: false })
                return null;
            _running = supervisor.Start(new GuardedContext("profile", "capture"), cancellation => CaptureAsync(id, span, cancellation));
        }
        ActionLog.Record("profile", "started", detail: id);
        return new ProfileInfo(id, now);
    }

    /// <summary>The newest first.</summary>
    public IReadOnlyList<ProfileInfo> List() =>
        Directory.Exists(_directory)
            ? [.. new DirectoryInfo(_directory).GetFiles($"*{Suffix}").OrderByDescending(static file => file.Name, StringComparer.Ordinal)
                .Select(static file => new ProfileInfo(Path.GetFileNameWithoutExtension(file.Name), file.CreationTimeUtc, file.Length))]
            : [];

    /// <summary>Null: there is none, or it is not finished.</summary>
    public string? Find(string id) => id.Length is > 0 and < 64 && id.All(static c => char.IsAsciiLetterOrDigit(c) || c == '-') && File.Exists(PathOf(id)) ? PathOf(id) : null;

    async Task CaptureAsync(string id, TimeSpan span, CancellationToken cancellation)
    {
        Directory.CreateDirectory(_directory);
        var partial = PathOf(id) + ".part";
        try
        {
            await using (var file = File.Create(partial))
                await CaptureAsync(file, span, cancellation);
            File.Move(partial, PathOf(id));
            foreach (var old in List().Skip(MaxKept))
                File.Delete(PathOf(old.Id));
            ActionLog.Record("profile", "captured", detail: id);
        }
        catch (Exception failure) when (failure is DiagnosticsClientException or IOException or TimeoutException)
        {
            // Switched off in this process (DOTNET_EnableDiagnostics=0), or the disk: an answer, not a crash.
            LogFailed(failure, id);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    async Task CaptureAsync(FileStream file, TimeSpan span, CancellationToken cancellation)
    {
        EventPipeProvider[] providers =
        [
            new("Microsoft-DotNETCore-SampleProfiler", EventLevel.Informational),
            new("Microsoft-Windows-DotNETRuntime", EventLevel.Informational, RuntimeKeywords),
        ];
        using var session = await new DiagnosticsClient(Environment.ProcessId).StartEventPipeSessionAsync(providers, requestRundown: true, BufferMegabytes, cancellation);
        // Read while it runs and while it is stopped: the runtime waits for its reader.
        var copied = CopyAsync(session.EventStream, file, cancellation);
        try
        {
            await Task.WhenAny(copied, Task.Delay(span, time, cancellation));
        }
        finally
        {
            await session.StopAsync(CancellationToken.None);
        }
        await copied;
    }

    static async Task CopyAsync(Stream events, FileStream file, CancellationToken cancellation)
    {
        var buffer = new byte[64 * 1024];
        int read;
        while ((read = await events.ReadAsync(buffer, cancellation)) > 0)
        {
            if (file.Length + read <= MaxBytes)
                await file.WriteAsync(buffer.AsMemory(0, read), cancellation);
        }
    }

    string PathOf(string id) => Path.Combine(_directory, id + Suffix);

    [LoggerMessage(1, LogLevel.Warning, "Profile {Profile} could not be captured")]
    partial void LogFailed(Exception failure, string profile);
}
