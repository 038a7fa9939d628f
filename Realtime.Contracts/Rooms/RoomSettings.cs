using System.Text.Json;

namespace Realtime.Contracts;

/// <summary>What a room is set to. In a change, what is absent stays as it is. Kept as long as somebody is in the room.</summary>
/// <param name="Metadata">Anything the application wants everybody in the room to know; at most 4 KB.</param>
/// <param name="MaxPeers">Participants at once; 2,000 at most.</param>
/// <param name="LastN">Videos of others that anybody is shown at most, beyond what they pin; those who spoke last.</param>
/// <param name="SelfUnmute">False: who was muted by a moderator stays so until a moderator ends it. Default true.</param>
public sealed record RoomSettings(JsonElement? Metadata = null, int? MaxPeers = null, int? LastN = null, bool? SelfUnmute = null)
{
    public const int MostPeers = 2000;

    public const int MostVideos = 64;

    public const int MaxMetadataBytes = 4096;

    /// <summary>These settings with those of <paramref name="change"/> that say something.</summary>
    public RoomSettings With(RoomSettings change) =>
        new(change.Metadata ?? Metadata, change.MaxPeers ?? MaxPeers, change.LastN ?? LastN, change.SelfUnmute ?? SelfUnmute);
}

/// <summary>Whoever publishes a track of this kind as this user is muted until a moderator says otherwise, whatever track it is.</summary>
public sealed record SilencedUser(string User, MediaKind Kind);
