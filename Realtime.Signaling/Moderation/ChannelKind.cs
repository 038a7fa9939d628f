namespace Realtime.Signaling.Moderation;

/// <summary>Who a channel is for.</summary>
public enum ChannelKind
{
    /// <summary>Everybody whose token grants its name. One that nobody wrote to yet is public.</summary>
    Public,
    /// <summary>Its members, as far as their tokens grant its name.</summary>
    Private,
    /// <summary>The people it is named after; no grant reaches it, and none is needed.</summary>
    Direct,
}

/// <summary>What somebody is in a channel, the higher the more.</summary>
public enum ChannelRole
{
    None,
    Member,
    Moderator,
    Owner,
}

/// <summary>The names of kinds and roles in the database and on the wire.</summary>
public static class ChannelNames
{
    public static string Name(this ChannelKind kind) => kind switch { ChannelKind.Private => "private", ChannelKind.Direct => "direct", _ => "public" };

    public static string? Name(this ChannelRole role) => role switch { ChannelRole.Owner => "owner", ChannelRole.Moderator => "moderator", ChannelRole.Member => "member", _ => null };

    public static bool TryReadKind(string? name, out ChannelKind kind)
    {
        (var known, kind) = name switch
        {
            "public" => (true, ChannelKind.Public),
            "private" => (true, ChannelKind.Private),
            "direct" => (true, ChannelKind.Direct),
            _ => (false, ChannelKind.Public),
        };
        return known;
    }

    public static bool TryReadRole(string? name, out ChannelRole role)
    {
        role = name switch { "owner" => ChannelRole.Owner, "moderator" => ChannelRole.Moderator, "member" => ChannelRole.Member, _ => ChannelRole.None };
        return role != ChannelRole.None;
    }
}
