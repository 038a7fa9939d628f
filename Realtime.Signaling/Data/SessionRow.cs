using Realtime.Signaling.Presence;
using Realtime.Signaling.Rooms;

namespace Realtime.Signaling.Data;

/// <summary>A session as the replicas share it. Each resume raises the generation; a writer with an older one has lost the session.</summary>
public sealed record SessionRow(string Id, string User, string Name, long Generation, IReadOnlyList<string> Channels, IReadOnlyList<SessionRoom> Rooms, DeviceStatus Status);
