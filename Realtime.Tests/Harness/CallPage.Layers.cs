using System.Text.Json;
using Microsoft.Playwright;
using Realtime.Contracts;

namespace Realtime.Tests.Harness;

/// <summary>A picture of somebody else as the page gets and decodes it.</summary>
public sealed record ReceivedPicture(int Width, int Height, long Packets, long FramesDecoded, long Keyframes, double FreezeSeconds, string? Codec);

/// <summary>One encoding that a page sends; without a rid the only one.</summary>
public sealed record SentEncoding(string? Rid, bool Active, long Frames, int Width, string? ScalabilityMode);

/// <summary>Layers: the sizes of tiles, and what comes and goes because of them.</summary>
public sealed partial class CallPage
{
    // By the track that the tile plays: nothing else names whose stream it is.
    const string PictureScript = """
        async name => {
          const video = document.querySelector(`[data-testid=tile][data-name="${name}"] [data-testid=tile-video]`);
          const track = video?.srcObject?.getVideoTracks()[0];
          const stats = await window.__realtime?.room?.peerConnection?.getStats();
          if (!track || !stats) return null;
          const report = [...stats.values()].find(one => one.type === 'inbound-rtp' && one.trackIdentifier === track.id);
          return JSON.stringify({
            width: report?.frameWidth ?? 0, height: report?.frameHeight ?? 0, packets: report?.packetsReceived ?? 0, framesDecoded: report?.framesDecoded ?? 0,
            keyframes: report?.keyFramesDecoded ?? 0, freezeSeconds: report?.totalFreezesDuration ?? 0, codec: stats.get(report?.codecId)?.mimeType ?? null,
          });
        }
        """;

    const string EncodingsScript = """
        async () => {
          const connection = window.__realtime.room.peerConnection;
          const stats = [...(await connection.getStats()).values()].filter(one => one.type === 'outbound-rtp' && one.kind === 'video');
          const parameters = connection.getSenders().filter(sender => sender.track?.kind === 'video').flatMap(sender => sender.getParameters().encodings);
          return JSON.stringify(parameters.map(({ rid, active }) => {
            const report = stats.find(one => rid === undefined || one.rid === rid);
            return { rid: rid ?? null, active, frames: report?.framesSent ?? 0, width: report?.frameWidth ?? 0, scalabilityMode: report?.scalabilityMode ?? null };
          }));
        }
        """;

    /// <summary>Somebody's picture; null while their tile plays none.</summary>
    public async Task<ReceivedPicture?> PictureOfAsync(string name) =>
        await _page.EvaluateAsync<string?>(PictureScript, name) is { } json ? JsonSerializer.Deserialize<ReceivedPicture>(json, ContractsJson.Options) : null;

    /// <summary>What this page encodes of its camera.</summary>
    public async Task<IReadOnlyList<SentEncoding>> EncodingsAsync() =>
        JsonSerializer.Deserialize<List<SentEncoding>>(await _page.EvaluateAsync<string>(EncodingsScript), ContractsJson.Options)!;

    /// <summary>Makes somebody's tile so large, as a layout would, once it is there.</summary>
    public Task SizeTileAsync(string name, int width, int height) => StyleTileAsync(name, $$"""{"width":"{{width}}px","height":"{{height}}px"}""");

    public Task ShowTileAsync(string name, bool shown) => StyleTileAsync(name, $$"""{"display":"{{(shown ? "" : "none")}}"}""");

    async Task StyleTileAsync(string name, string style)
    {
        var tile = _page.Locator($"[data-testid=tile][data-name=\"{name}\"]");
        await tile.WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Attached });
        await tile.EvaluateAsync("(tile, style) => void Object.assign(tile.style, JSON.parse(style))", style);
    }
}
