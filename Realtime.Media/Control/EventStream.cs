using System.Buffers;
using System.Text.Json;
using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.Media.Isolation;

namespace Realtime.Media.Control;

/// <summary>One reader's response: newline-delimited events, numbered from 1, the snapshot first.</summary>
sealed class EventStream(EventFeed feed, MediaCommands commands, NodeIdentity identity, WorkerFleet fleet)
{
    static readonly byte[] NewLine = "\n"u8.ToArray();

    public async Task WriteAsync(HttpContext http)
    {
        using var reader = feed.TryOpen(fleet.Workers.Count);
        if (reader is null)
        {
            http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }

        fleet.Lease.Watch();
        var aborted = http.RequestAborted;
        var snapshot = await commands.SnapshotAsync(reader, aborted);
        http.Response.ContentType = "application/x-ndjson";
        var seq = 0L;
        Write(http, new SnapshotEvent(snapshot), ++seq);
        await http.Response.BodyWriter.FlushAsync(aborted);
        while (await reader.Events.WaitToReadAsync(aborted))
        {
            while (reader.Events.TryRead(out var e)) Write(http, e, ++seq);
            // A reader that does not take what is sent stops here, its queue fills, and it is cut off.
            await http.Response.BodyWriter.FlushAsync(aborted);
        }

        http.Abort();
    }

    void Write(HttpContext http, MediaEvent e, long seq)
    {
        var writer = http.Response.BodyWriter;
        using (var json = new Utf8JsonWriter(writer)) JsonSerializer.Serialize(json, e with { Boot = identity.Boot, Seq = seq }, ContractsJson.Options);
        writer.Write(NewLine);
    }
}
