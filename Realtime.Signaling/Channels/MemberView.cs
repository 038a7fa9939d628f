using Realtime.Contracts;

namespace Realtime.Signaling.Channels;

/// <summary>
/// Who is in a channel, as this node sees it: the sessions Postgres named last, corrected by what the node's own sessions did since. A user is a member while any
/// session of theirs holds the channel. Changes are found by comparing, so news may come late, twice or out of order. Not thread-safe.
/// </summary>
public sealed class MemberView
{
    /// <summary>Members listed; further ones are in the channel but not in the list.</summary>
    public const int MaxMembers = 1000;

    Dictionary<string, ChannelMember> _stored = new(StringComparer.Ordinal);
    readonly Dictionary<string, ChannelMember> _joinedHere = [];
    readonly HashSet<string> _leftHere = [];
    Dictionary<string, ChannelMember> _users = [];

    public int Count => _users.Count;

    public IReadOnlyList<ChannelMember> Members => [.. _users.Values.OrderBy(static member => member.Name, StringComparer.Ordinal)];

    /// <summary>One of this node's sessions took the channel.</summary>
    public MemberChange Join(string session, ChannelMember member)
    {
        _leftHere.Remove(session);
        _joinedHere[session] = member;
        return Compare();
    }

    /// <summary>One of this node's sessions gave it up or ended.</summary>
    public MemberChange Leave(string session)
    {
        _joinedHere.Remove(session);
        if (_stored.ContainsKey(session))
            _leftHere.Add(session);
        return Compare();
    }

    /// <summary>One of this node's sessions lost its connection: it stays a member until Postgres says otherwise.</summary>
    public MemberChange Release(string session)
    {
        if (_joinedHere.Remove(session, out var member))
            _stored[session] = member;
        return new MemberChange([], []);
    }

    /// <summary>What Postgres says now: session → who.</summary>
    public MemberChange Store(Dictionary<string, ChannelMember> sessions)
    {
        _stored = sessions;
        _leftHere.RemoveWhere(session => !sessions.ContainsKey(session));
        return Compare();
    }

    MemberChange Compare()
    {
        var now = new Dictionary<string, ChannelMember>(_users.Count);
        foreach (var member in _joinedHere.Values)
            Add(now, member);
        foreach (var (session, member) in _stored)
        {
            if (!_leftHere.Contains(session))
                Add(now, member);
        }
        var joined = now.Values.Where(member => !_users.ContainsKey(member.User)).ToList();
        var left = _users.Values.Where(member => !now.ContainsKey(member.User)).ToList();
        _users = now;
        return new MemberChange(joined, left);
    }

    static void Add(Dictionary<string, ChannelMember> users, ChannelMember member)
    {
        if (users.Count < MaxMembers)
            users.TryAdd(member.User, member);
    }
}

/// <summary>Who came and who went since the last look.</summary>
public readonly record struct MemberChange(IReadOnlyList<ChannelMember> Joined, IReadOnlyList<ChannelMember> Left);
