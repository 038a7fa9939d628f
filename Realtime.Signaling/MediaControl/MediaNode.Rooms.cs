using System.Net;
using System.Text.Json;
using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Errors;

namespace Realtime.Signaling.MediaControl;

/// <summary>What goes on in the rooms of the node.</summary>
public sealed partial class MediaNode
{
    public Task SetViewAsync(SetViewCommand command, CancellationToken cancellation) => SendAsync<SetViewCommand, JsonElement>(RoomRoutes.SetView, command, cancellation);

    public Task SetRoomAsync(SetRoomCommand command, CancellationToken cancellation) => SendAsync<SetRoomCommand, JsonElement>(RoomRoutes.SetRoom, command, cancellation);

    public Task SetParticipantAsync(SetParticipantCommand command, CancellationToken cancellation) =>
        SendAsync<SetParticipantCommand, JsonElement>(RoomRoutes.SetParticipant, command, cancellation);

    public Task ReportTransportAsync(ReportTransportCommand command, CancellationToken cancellation) =>
        SendAsync<ReportTransportCommand, JsonElement>(RoomRoutes.ReportTransport, command, cancellation);

    public Task ResetCircuitAsync(ResetCircuitCommand command, CancellationToken cancellation) => SendAsync<ResetCircuitCommand, JsonElement>(RoomRoutes.ResetCircuit, command, cancellation);

    public Task CloseRoomAsync(CloseRoomCommand command, CancellationToken cancellation) => SendAsync<CloseRoomCommand, JsonElement>(MediaRoutes.CloseRoom, command, cancellation);

    /// <summary>A room in all detail; null: the node has it not.</summary>
    public async Task<RoomDetail?> DescribeAsync(string room, CancellationToken cancellation)
    {
        try
        {
            return await circuit.ExecuteAsync(async token =>
            {
                using var request = Request(HttpMethod.Get, $"{RoomRoutes.Detail}?room={Uri.EscapeDataString(room)}");
                using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token);
                if (response.StatusCode == HttpStatusCode.NotFound)
                    return null;
                if (!response.IsSuccessStatusCode || response.Content.Headers.ContentLength > MaxDetailBytes)
                    throw new HttpRequestException($"{Node} answered with {(int)response.StatusCode}.");
                return await response.Content.ReadFromJsonAsync<RoomDetail>(ContractsJson.Options, token);
            }, cancellation, timeout);
        }
        catch (Exception failure) when (failure is CircuitOpenException || IsTransportFailure(failure, cancellation))
        {
            throw new RealtimeException(new(ErrorCode.Unavailable, $"The media node {Node} does not answer.", RetryAfterMs: 1000), failure);
        }
    }

    /// <summary>A room of 2,000 with a few sections each.</summary>
    const int MaxDetailBytes = 32 << 20;
}
