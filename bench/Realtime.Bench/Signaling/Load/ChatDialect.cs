namespace Realtime.Bench.Signaling.Load;

/// <summary>One step of a client's way in.</summary>
/// <param name="Say">A frame; empty: the server speaks first.</param>
/// <param name="Expect">What the answer contains.</param>
readonly record struct Step(byte[] Say, string Expect);

/// <summary>How a server's clients speak: one WebSocket, joining a group, sending to it.</summary>
abstract class ChatDialect
{
    /// <summary>What keeps the names of one run apart from those of another on the same server.</summary>
    public virtual string Run => "";

    /// <param name="server">As in <c>--compare</c>, or <c>realtime</c>.</param>
    public static ChatDialect Of(string server, string run) => server switch
    {
        "signalr" => new SignalRDialect(),
        "socketio" => new SocketIoDialect(),
        _ => new RealtimeDialect(run),
    };

    /// <summary>The step that joins one more group.</summary>
    public IEnumerable<Step> Join(int user, string group) => Enter(user, group).TakeLast(1);

    public abstract string Path(int user);

    /// <summary>From the upgrade to being connected; into a group when one is given.</summary>
    public abstract IEnumerable<Step> Enter(int user, string? group);

    /// <summary>A frame that sends a text to a group.</summary>
    public abstract byte[] Message(string group, string text, int number);

    /// <summary>What a client says now and then; null when it only answers.</summary>
    public abstract byte[]? Ping { get; }

    /// <summary>The answer to a frame of one byte, if that is a ping here.</summary>
    public virtual byte[]? AnswerToPing(byte payload) => null;
}
