namespace Realtime.Bench.Signaling.Load;

/// <summary>Socket.IO 4 over Engine.IO 4, WebSocket from the start.</summary>
sealed class SocketIoDialect : ChatDialect
{
    static readonly byte[] pong = WebSocketBytes.Frame("3");

    // The server pings.
    public override byte[]? Ping => null;

    public override string Path(int user) => "/socket.io/?EIO=4&transport=websocket";

    public override IEnumerable<Step> Enter(int user, string? group)
    {
        yield return new Step([], "\"pingInterval\"");
        yield return new Step(WebSocketBytes.Frame("40"), "40{\"sid\"");
        if (group is not null) yield return new Step(WebSocketBytes.Frame($"420[\"join\",\"{group}\"]"), "430[");
    }

    public override byte[] Message(string group, string text, int number) => WebSocketBytes.Frame($"42[\"send\",\"{group}\",\"{text}\"]");

    public override byte[]? AnswerToPing(byte payload) => payload == '2' ? pong : null;
}
