namespace Realtime.Media.Rooms;

/// <summary>Who keeps a track silent. Its publisher and the moderators each have a say of their own: a moderator who lets go unmutes nobody who muted themselves.</summary>
/// <param name="IsLocked">Only a moderator ends what a moderator did.</param>
public readonly record struct MuteState(bool ByPublisher, bool ByModerator, bool IsLocked)
{
    public bool IsMuted => ByPublisher || ByModerator;

    public MuteState Moderated(bool muted, bool locked) => this with { ByModerator = muted, IsLocked = muted && locked };

    /// <summary>False: a moderator has locked it, and it is to stay muted.</summary>
    public bool TryPublisher(bool muted, out MuteState state)
    {
        state = this with { ByPublisher = muted, ByModerator = ByModerator && (muted || IsLocked) };
        return muted || !IsLocked;
    }
}
