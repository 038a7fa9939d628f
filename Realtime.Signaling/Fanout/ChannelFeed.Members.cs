using Realtime.Contracts;
using Realtime.Signaling.Channels;

namespace Realtime.Signaling.Fanout;

/// <summary>Who is in the channel, and who reads it here.</summary>
public sealed partial class ChannelFeed
{
    readonly MemberView _members = new();
    long _membersReads;
    long _membersStored;
    long _changes;

    /// <summary>Told whenever members came or went, under the gate.</summary>
    internal Action<ChannelFeed, MemberChange>? MembersChanged { get; init; }

    public IReadOnlyList<ChannelMember> Members
    {
        get
        {
            lock (_gate)
                return _members.Members;
        }
    }

    /// <summary>To be taken before the members are read from the database.</summary>
    public long BeginMembersRead() => Interlocked.Increment(ref _membersReads);

    /// <summary>Takes what was read, unless a read that began later was here first: an old answer must not make people leave and come back.</summary>
    public void StoreMembers(long reading, Dictionary<string, ChannelMember> stored)
    {
        Turn turn;
        lock (_gate)
        {
            if (reading <= _membersStored)
                return;
            _membersStored = reading;
            turn = Change(view => view.Store(stored));
        }
        Tell(turn);
    }

    /// <summary>Changes the member list and tells the readers here what came of it.</summary>
    public void ChangeMembers(Func<MemberView, MemberChange> change)
    {
        Turn turn;
        lock (_gate)
            turn = Change(change);
        Tell(turn);
    }

    /// <summary>What the reader is told as the members when it begins; what changes until <see cref="FollowMembers"/> it hears then.</summary>
    public IReadOnlyList<ChannelMember> MembersFor(FeedSubscription reader)
    {
        lock (_gate)
            return reader.MembersTold = _members.Members;
    }

    /// <summary>The reader has what it was told: from here on it hears of changes, and first of those since.</summary>
    public void FollowMembers(FeedSubscription reader)
    {
        lock (_gate)
        {
            // One that was ended meanwhile is told nothing more.
            if (reader.FollowsSince != FeedSubscription.Never || !_readers.Contains(reader))
                return;
            reader.FollowsSince = _changes;
            // Too many to be told: it asks for them.
            if (reader.MembersTold is not { } before)
                return;
            reader.MembersTold = null;
            var told = before.ToDictionary(static member => member.User, StringComparer.Ordinal);
            foreach (var member in _members.Members)
            {
                if (!told.Remove(member.User))
                    reader.Lanes.SendLatest(MemberKey(member.User), Joined(member));
            }
            foreach (var member in told.Values)
                reader.Lanes.SendLatest(MemberKey(member.User), Left(member));
        }
    }

    /// <summary>How many members are listed.</summary>
    public int MemberCount
    {
        get
        {
            lock (_gate)
                return _members.Count;
        }
    }

    /// <summary>Adds who reads here.</summary>
    public void AddReaders(ISet<ConnectionLanes> readers)
    {
        lock (_gate)
        {
            foreach (var reader in _readers)
                readers.Add(reader.Lanes);
        }
    }

    /// <summary>Under the gate.</summary>
    Turn Change(Func<MemberView, MemberChange> change)
    {
        var changed = change(_members);
        var (joined, left) = changed;
        if (joined.Count + left.Count == 0)
            return Turn.Others;
        _changes++;
        MembersChanged?.Invoke(this, changed);
        foreach (var member in joined)
            Add(new LatestFrame(MemberKey(member.User), Joined(member)) { Change = _changes });
        foreach (var member in left)
            Add(new LatestFrame(MemberKey(member.User), Left(member)) { Change = _changes });
        return NextTurn();
    }

    string MemberKey(string user) => $"member:{channel}:{user}";

    ReadOnlyMemory<byte> Joined(ChannelMember member) => HubFrames.Encode(HubEvent.MemberJoined, new MemberJoinedEvent(channel, member.User, member.Name));

    ReadOnlyMemory<byte> Left(ChannelMember member) => HubFrames.Encode(HubEvent.MemberLeft, new MemberLeftEvent(channel, member.User, member.Name));
}
