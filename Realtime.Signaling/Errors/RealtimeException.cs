using Realtime.Contracts;

namespace Realtime.Signaling.Errors;

/// <summary>A refusal on its way to the caller: the rim maps it to a HubException or problem details. Not a fault; never reported as a crash.</summary>
public sealed class RealtimeException(RealtimeError error, Exception? cause = null) : Exception(error.Message, cause)
{
    public RealtimeError Error { get; } = error;
}
