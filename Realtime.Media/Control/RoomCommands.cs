using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.Media.Isolation;
using Realtime.Media.Rooms;
using Realtime.ServiceDefaults.CrashSafety;

namespace Realtime.Media.Control;

/// <summary>The commands and questions about what goes on in a room, and about the circuits of its peers.</summary>
public sealed class RoomCommands(MediaCommands commands, WorkerFleet fleet, NodeIdentity identity, CircuitRegistry circuits, TimeProvider time)
{
    const int MaxIdLength = 256;

    static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(1);

    public Task<ControlAnswer> SetViewAsync(SetViewCommand command)
    {
        if (command.LastN is < 0 or > RoomSettings.MostVideos) return Refuse("lastN");
        if (command.Pinned is { } pinned && (pinned.Count > ParticipantView.MaxPinned || pinned.Any(static one => string.IsNullOrEmpty(one) || one.Length > MaxIdLength))) return Refuse("pinned");
        return commands.CallAsync(command.Room, command.Participant, (worker, now, outbox) => worker.SetView(now, command, outbox));
    }

    public Task<ControlAnswer> SetRoomAsync(SetRoomCommand command)
    {
        if (command.Settings is not { LastN: null or (>= 0 and <= RoomSettings.MostVideos), MaxPeers: null or (>= 1 and <= RoomSettings.MostPeers) }) return Refuse("settings");
        return commands.CallPartsAsync(command.Room, (worker, now, outbox) => worker.SetRoom(now, command, outbox));
    }

    public Task<ControlAnswer> SetParticipantAsync(SetParticipantCommand command) =>
        commands.CallAsync(command.Room, command.Participant, (worker, now, outbox) => worker.SetParticipant(now, command, outbox));

    public Task<ControlAnswer> ReportTransportAsync(ReportTransportCommand command) =>
        commands.CallAsync(command.Room, command.Participant, (worker, now, outbox) => worker.ReportTransport(now, command, outbox));

    public Task<ControlAnswer> ResetCircuitAsync(ResetCircuitCommand command) => Task.FromResult(
        command.Circuit is { } name && name.StartsWith(TransportCircuits.Prefix, StringComparison.Ordinal) && circuits.Reset(name)
            ? ControlAnswer.Of(new Done())
            : ControlAnswer.Refuse(new RealtimeError(ErrorCode.NotFound, "There is no such circuit.", Field: "circuit")));

    /// <summary>Null: the room is not here, or its worker has too much to do to say.</summary>
    public async Task<RoomDetail?> DescribeAsync(string room, CancellationToken cancellation)
    {
        if (fleet.For(room).Mailbox.TryCall((worker, now, _) => worker.Describe(now, room, identity.Node)) is not { } call) return null;
        try
        {
            return await call.WaitAsync(AnswerTimeout, time, cancellation);
        }
        catch (Exception exception) when (exception is WorkerDownException or TimeoutException)
        {
            return null;
        }
    }

    public void Map(WebApplication app, ServiceGate gate)
    {
        ControlEndpoints.Map<SetViewCommand>(app, RoomRoutes.SetView, static command => command.CommandId, SetViewAsync);
        ControlEndpoints.Map<SetRoomCommand>(app, RoomRoutes.SetRoom, static command => command.CommandId, SetRoomAsync);
        ControlEndpoints.Map<SetParticipantCommand>(app, RoomRoutes.SetParticipant, static command => command.CommandId, SetParticipantAsync);
        ControlEndpoints.Map<ReportTransportCommand>(app, RoomRoutes.ReportTransport, static command => command.CommandId, ReportTransportAsync);
        ControlEndpoints.Map<ResetCircuitCommand>(app, RoomRoutes.ResetCircuit, static command => command.CommandId, ResetCircuitAsync);
        app.MapGet(RoomRoutes.Detail, async (HttpContext http, string? room) =>
        {
            if (gate.Check(http) is { } refusal) return refusal;
            var detail = room is { Length: > 0 and <= MaxIdLength } ? await DescribeAsync(room, http.RequestAborted) : null;
            return detail is null
                ? ControlAnswer.Refuse(new RealtimeError(ErrorCode.NotFound, "The room is not on this node.", Field: "room")).ToResult()
                : Results.Json(detail, ContractsJson.Options);
        });
    }

    static Task<ControlAnswer> Refuse(string field) =>
        Task.FromResult(ControlAnswer.Refuse(new RealtimeError(ErrorCode.Invalid, $"{field} is missing or beyond its bounds.", Field: field)));
}
