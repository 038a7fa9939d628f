namespace Realtime.Bench.Signaling.Load;

/// <summary>A stock SignalR hub with groups, by its JSON protocol.</summary>
class SignalRDialect : ChatDialect
{
    protected const char End = '\u001e';

    static readonly byte[] ping = WebSocketBytes.Frame($"{{\"type\":6}}{End}");

    protected static Step Handshake { get; } = new(WebSocketBytes.Frame($"{{\"protocol\":\"json\",\"version\":1}}{End}"), $"{{}}{End}");

    public override byte[]? Ping => ping;

    public override string Path(int user) => "/hub";

    public override IEnumerable<Step> Enter(int user, string? group)
    {
        yield return Handshake;
        if (group is not null) yield return Call(1, "Join", $"\"{group}\"");
    }

    public override byte[] Message(string group, string text, int number) => Call(number, "Send", $"\"{group}\",\"{text}\"").Say;

    protected static Step Call(int id, string method, string arguments) =>
        new(WebSocketBytes.Frame($"{{\"type\":1,\"invocationId\":\"{id}\",\"target\":\"{method}\",\"arguments\":[{arguments}]}}{End}"), $"\"invocationId\":\"{id}\"");
}
