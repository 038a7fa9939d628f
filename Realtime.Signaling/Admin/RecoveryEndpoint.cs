using Realtime.Contracts;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Api;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;
using Realtime.Signaling.MediaControl;
using Realtime.Signaling.Sessions;

namespace Realtime.Signaling.Admin;

/// <summary><c>POST /admin/socket/recovery</c>: what an operator can do by hand about this replica.</summary>
public static class RecoveryEndpoint
{
    const string Recheck = "recheck";

    public static void MapRecovery(this IEndpointRouteBuilder operators) => operators.MapPost("/admin/socket/recovery", async (
        RecoveryRequest request, CircuitRegistry circuits, HubConnections connections, ModeMonitor mode, Quarantines quarantines, PeerCircuits peers, CancellationToken cancellation) =>
    {
        if (request is { Circuit: null, Connection: null, Mode: null, Quarantine: null })
            throw new RealtimeException(new(ErrorCode.Invalid, "Say what is to be done: circuit, connection, mode or quarantine."));
        if (request.Mode is not (null or Recheck))
            throw new RealtimeException(new(ErrorCode.Invalid, $"The mode follows from the circuits; it can be looked at again: '{Recheck}'.", "mode"));
        if (request.Circuit is { } circuit && !circuits.Reset(circuit) && !await peers.ResetAsync(circuit, cancellation))
            throw new RealtimeException(new(ErrorCode.NotFound, "There is no such circuit.", "circuit"));
        if (request.Connection is { } id)
        {
            var found = connections.All.FirstOrDefault(one => one.Id == id || one.Session?.Id == id)
                ?? throw new RealtimeException(new(ErrorCode.NotFound, "There is no such connection.", "connection"));
            found.Lanes.Close(CloseCode.Shutdown, TimeSpan.Zero);
        }
        if (request.Quarantine is { } kept)
        {
            var colon = kept.IndexOf(':');
            if (colon <= 0 || !await quarantines.LiftAsync(kept[..colon], kept[(colon + 1)..], cancellation))
                throw new RealtimeException(new(ErrorCode.NotFound, "Nobody of that name is kept out.", "quarantine"));
        }
        ActionLog.Record("admin", "recovery", detail: request.Circuit ?? request.Connection ?? request.Mode ?? request.Quarantine);
        if (request.Mode is null)
            return Results.NoContent();
        var state = mode.Recheck();
        return Results.Json(new ModeEvent(state.Mode, mode.Since, state.Works, state.Refused), ContractsJson.Options);
    }).AuditedAs(AuditAction.Recovery, details: static call => call.Arguments.OfType<RecoveryRequest>().FirstOrDefault());
}

/// <summary>Body of <c>POST /admin/socket/recovery</c>.</summary>
/// <param name="Circuit">Closed by hand; of a peer's transport: as it is shown, <c>NODE/peer:ROOM/USER</c>.</param>
/// <param name="Connection">A connection's or a session's id: it is closed and may come back.</param>
/// <param name="Mode"><c>recheck</c>: believed as it is seen now, without waiting whether it lasts; answered with what it is.</param>
/// <param name="Quarantine"><c>user:NAME</c> or <c>address:IP</c>: let in again, everywhere.</param>
public sealed record RecoveryRequest(string? Circuit = null, string? Connection = null, string? Mode = null, string? Quarantine = null);
