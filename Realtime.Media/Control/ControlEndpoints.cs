using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.ServiceDefaults.Diagnostics;
using Realtime.ServiceDefaults.Faults;
using Realtime.ServiceDefaults.Health;

namespace Realtime.Media.Control;

/// <summary>The private API (see <see cref="MediaRoutes"/>): behind the service token, idempotent by command id, bodies bounded.</summary>
static class ControlEndpoints
{
    /// <summary>An offer of 64 sections is about 300 KB, and JSON escapes its line ends.</summary>
    const int MaxBody = 512 * 1024;

    const int MaxCommandIdLength = 128;

    public static void MapControl(this WebApplication app)
    {
        var services = app.Services;
        var gate = services.GetRequiredService<ServiceGate>();
        var commands = services.GetRequiredService<MediaCommands>();
        var stream = services.GetRequiredService<EventStream>();
        var statistics = services.GetRequiredService<NodeStatistics>();

        Map<JoinPeerCommand>(app, MediaRoutes.Join, command => command.CommandId, commands.JoinAsync);
        Map<NegotiatePeerCommand>(app, MediaRoutes.Negotiate, command => command.CommandId, commands.NegotiateAsync);
        Map<OpenPeerCommand>(app, MediaRoutes.Open, command => command.CommandId, commands.OpenAsync);
        Map<IcePeerCommand>(app, MediaRoutes.Ice, command => command.CommandId, commands.IceAsync);
        Map<SubscribeCommand>(app, MediaRoutes.Subscribe, command => command.CommandId, commands.SubscribeAsync);
        Map<SetTrackCommand>(app, MediaRoutes.SetTrack, command => command.CommandId, commands.SetTrackAsync);
        Map<LeavePeerCommand>(app, MediaRoutes.Leave, command => command.CommandId, commands.LeaveAsync);
        Map<CloseRoomCommand>(app, MediaRoutes.CloseRoom, command => command.CommandId, commands.CloseRoomAsync);
        Map<DrainCommand>(app, MediaRoutes.Drain, command => command.CommandId, commands.DrainAsync);
        Map<RetireRoomCommand>(app, MediaRoutes.RetireRoom, command => command.CommandId, commands.RetireRoomAsync);
        Map<RelayCommand>(app, MediaRoutes.Relay, command => command.CommandId, commands.RelayAsync);
        Map<RenewCommand>(app, MediaRoutes.Renew, command => command.CommandId, commands.RenewAsync);
        services.GetRequiredService<RoomCommands>().Map(app, gate);

        app.MapGet(MediaRoutes.Snapshot, async (HttpContext http) => gate.Check(http)
            ?? Results.Json(await commands.SnapshotAsync(null, http.RequestAborted), ContractsJson.Options));
        app.MapGet(MediaRoutes.Counters, (HttpContext http) => gate.Check(http) ?? Results.Json(statistics.Workers(), ContractsJson.Options));
        app.MapGet(MediaRoutes.Events, async (HttpContext http) =>
        {
            if (gate.Check(http) is { } refusal) await refusal.ExecuteAsync(http);
            else await stream.WriteAsync(http);
        });

        OperatorGate operators = http => ValueTask.FromResult(gate.Check(http));
        app.MapCircuitBreakers(operators);
        app.MapFaultEndpoints(operators);
        app.MapDiagnostics(operators, static (_, action, target) =>
        {
            ActionLog.Record("admin", action, detail: target);
            return default;
        });
    }

    internal static void Map<TCommand>(WebApplication app, string route, Func<TCommand, string?> commandId, Func<TCommand, Task<ControlAnswer>> execute)
        where TCommand : class
    {
        var gate = app.Services.GetRequiredService<ServiceGate>();
        var cache = app.Services.GetRequiredService<CommandCache>();
        app.MapPost(route, async (HttpContext http) =>
        {
            if (gate.Check(http) is { } refusal) return refusal;
            if (await ReadBodyAsync(http) is not { } body)
                return ControlAnswer.Refuse(new RealtimeError(ErrorCode.TooLarge, $"A command may have {MaxBody} bytes.")).ToResult();
            if (!SafeJson.TryRead<TCommand>(body, out var command, MaxBody) || command is null)
                return ControlAnswer.Refuse(new RealtimeError(ErrorCode.Invalid, "The body is not this command.")).ToResult();
            if (commandId(command) is not { Length: > 0 and <= MaxCommandIdLength } id)
                return ControlAnswer.Refuse(new RealtimeError(ErrorCode.Invalid, "commandId is missing or too long.", Field: "commandId")).ToResult();
            return (await cache.GetOrRun($"{route}#{id}", () => execute(command))).ToResult();
        });
    }

    /// <summary>Null: larger than <see cref="MaxBody"/>.</summary>
    static async Task<byte[]?> ReadBodyAsync(HttpContext http)
    {
        if (http.Request.ContentLength > MaxBody) return null;
        using var body = new MemoryStream();
        var chunk = new byte[16 * 1024];
        int read;
        while ((read = await http.Request.Body.ReadAsync(chunk, http.RequestAborted)) > 0)
        {
            if (body.Length + read > MaxBody) return null;
            body.Write(chunk, 0, read);
        }

        return body.ToArray();
    }
}
