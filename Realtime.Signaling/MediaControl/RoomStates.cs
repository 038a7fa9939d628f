using Microsoft.Extensions.Options;
using Realtime.Contracts.MediaControl;
using Realtime.Signaling.Rooms;

namespace Realtime.Signaling.MediaControl;

/// <summary>What a room begins with where a join opens it: as it is configured, and, when it lived elsewhere a moment ago, as it was there.</summary>
public sealed class RoomStates(NodeDirectory directory, IOptionsMonitor<RoomOptions> options)
{
    /// <summary>The same command, with the room's beginning for the node that has it not yet.</summary>
    public JoinPeerCommand Complete(JoinPeerCommand command)
    {
        if (directory.Live(command.Room) is { } live && live.Epoch == command.Epoch)
            return command;
        var configured = options.CurrentValue.For(command.Room);
        return directory.LastKnown(command.Room) is { } kept
            ? command with { Settings = configured.With(kept.Settings), Silenced = kept.Silenced.Count > 0 ? kept.Silenced : null }
            : command with { Settings = configured };
    }
}
