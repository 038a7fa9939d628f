using Realtime.Contracts;

namespace Realtime.Web.Model;

/// <summary>One room with the people in it.</summary>
public sealed record RoomView(RoomInfo Room, IReadOnlyList<AdminParticipant> People, int PeopleLeftOut)
{
    /// <summary>People drawn per room; the rest is counted.</summary>
    public const int MaxPeople = 50;

    public static RoomView From(RoomInfo room, IEnumerable<AdminParticipant> people)
    {
        AdminParticipant[] all = [.. people.OrderBy(static one => one.JoinedAt).ThenBy(static one => one.Participant, StringComparer.Ordinal)];
        return new(room, all.Length > MaxPeople ? all[..MaxPeople] : all, Math.Max(0, all.Length - MaxPeople));
    }
}
