using System.Text.Json;
using Microsoft.AspNetCore.SignalR;
using Realtime.Contracts;

namespace Realtime.Signaling.Hubs;

/// <summary>A refusal as the hub sends it: a HubException whose message is the error's JSON (contract: Errors).</summary>
public static class HubRefusal
{
    public static HubException From(RealtimeError error) => new(JsonSerializer.Serialize(error, ContractsJson.Options));
}
