using System.Text;
using System.Text.Json;
using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Errors;
using Realtime.Signaling.Rooms;

namespace Realtime.Signaling.MediaControl;

/// <summary>What people say of themselves in a call: what they want to see, their metadata, how their transport does. Throws <see cref="RealtimeException"/> only.</summary>
public sealed class RoomConduct(LocalParticipants local, MediaNodes nodes)
{
    public const int MaxPinned = 16;
    const int MaxIdLength = 128;
    const int MaxKindLength = 16;

    public async Task SetViewAsync(RoomCaller caller, SetViewRequest request, CancellationToken cancellation)
    {
        if (request.LastN is < 0 or > RoomSettings.MostVideos)
            throw new RealtimeException(new(ErrorCode.Invalid, $"From 0 to {RoomSettings.MostVideos}.", "lastN"));
        if (request.Pinned is { Count: > MaxPinned })
            throw new RealtimeException(new(ErrorCode.TooLarge, $"At most {MaxPinned}.", "pinned"));
        if (request.Pinned?.Any(static one => string.IsNullOrEmpty(one) || one.Length > MaxIdLength) == true)
            throw new RealtimeException(new(ErrorCode.Invalid, "Participants or tracks.", "pinned"));
        var (participant, placement) = Find(caller, request.Room);
        await nodes[placement.Node].SetViewAsync(
            new SetViewCommand(NewId(), placement.Room, placement.Epoch, participant.Participant, request.LastN, request.Pinned), cancellation);
    }

    public async Task SetMetadataAsync(RoomCaller caller, SetParticipantRequest request, CancellationToken cancellation)
    {
        var (participant, placement) = Find(caller, request.Room);
        await nodes[placement.Node].SetParticipantAsync(
            new SetParticipantCommand(NewId(), placement.Room, placement.Epoch, participant.Participant, Metadata(request.Metadata)), cancellation);
        participant.Metadata = request.Metadata;
    }

    /// <summary>The node counts it with the circuit of this transport. A room that is not named, or left already, is nobody's.</summary>
    public async Task ReportTransportAsync(RoomCaller caller, ReportTransportRequest request, CancellationToken cancellation)
    {
        if (request.Room is null || local.Find(caller.Session, RoomName.Check(request.Room)) is not { } participant)
            return;
        var failed = request is { Restarts: > 0, SelectedPair: null };
        if (!failed && request.SelectedPair is null)
            return;
        var placement = participant.Placement;
        await nodes[placement.Node].ReportTransportAsync(
            new ReportTransportCommand(NewId(), placement.Room, placement.Epoch, participant.Participant, failed, PairOf(request.SelectedPair)), cancellation);
        if (failed)
            ActionLog.Record("rooms", "transportReported", caller.User, participant.Room);
    }

    /// <summary>Of what a client says, only what operators understand: words of a few letters, and a server's address.</summary>
    static ReportedPair? PairOf(JsonElement? said)
    {
        if (said is not { ValueKind: JsonValueKind.Object } pair)
            return null;
        var relay = Text(pair, "relayUrl", MaxIdLength);
        return new ReportedPair(Text(pair, "local", MaxKindLength), Text(pair, "remote", MaxKindLength), Text(pair, "protocol", MaxKindLength), relay?.Split('?')[0]);
    }

    static string? Text(JsonElement pair, string name, int most) =>
        pair.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { } text && text.Length <= most ? text : null;

    internal static JsonElement? Metadata(JsonElement? metadata) =>
        metadata is { } found && Encoding.UTF8.GetByteCount(found.GetRawText()) > RoomSettings.MaxMetadataBytes
            ? throw new RealtimeException(new(ErrorCode.TooLarge, $"Metadata may have {RoomSettings.MaxMetadataBytes} bytes.", "metadata"))
            : metadata;

    internal static string NewId() => Guid.CreateVersion7().ToString();

    (LocalParticipant Participant, Placement Placement) Find(RoomCaller caller, string? room)
    {
        var found = local.Find(caller.Session, RoomName.Check(room)) ?? throw new RealtimeException(new(ErrorCode.NotFound, "You are not in this room: join it first.", "room"));
        return (found, found.Placement);
    }
}
