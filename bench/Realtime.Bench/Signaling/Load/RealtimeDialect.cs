using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using Realtime.ServiceDefaults.Tokens;

namespace Realtime.Bench.Signaling.Load;

/// <summary>Our hub: SignalR's protocol, a token, Hello, channels.</summary>
sealed class RealtimeDialect(string run) : SignalRDialect
{
    const string Key = "dev", Secret = "dev-secret-change-me-32-bytes-long!";

    readonly ConcurrentDictionary<int, string> tokens = new();

    public RealtimeDialect() : this(Guid.NewGuid().ToString("N")[..8])
    {
    }

    public override string Run => run;

    public override string Path(int user) => $"/hub?access_token={tokens.GetOrAdd(user, Mint)}";

    public override IEnumerable<Step> Enter(int user, string? group)
    {
        yield return Handshake;
        yield return Call(1, "Hello", "{}");
        if (group is not null) yield return Call(2, "JoinChannel", $"{{\"channel\":\"{Channel(group)}\"}}");
    }

    /// <summary>Back as the same session, with the number of the last message it has.</summary>
    public IEnumerable<Step> Return(string resumeToken, string group, int last)
    {
        yield return Handshake;
        yield return Call(1, "Hello", $"{{\"resume\":\"{resumeToken}\",\"positions\":[{{\"channel\":\"{Channel(group)}\",\"seq\":{last}}}]}}");
    }

    public override byte[] Message(string group, string text, int number) =>
        Call(number + 100, "SendMessage", $"{{\"channel\":\"{Channel(group)}\",\"clientMessageId\":\"{Guid.CreateVersion7()}\",\"text\":\"{text}\"}}").Say;

    string Channel(string group) => $"bench-{run}-{group}";

    string Mint(int user)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var grants = new JsonObject { ["channels"] = new JsonArray("*") };
        var claims = new JsonObject
        {
            ["sub"] = $"bench{user}",
            ["name"] = $"bench{user}",
            ["iat"] = now,
            ["exp"] = now + 3600,
            ["jti"] = Guid.NewGuid().ToString("N"),
            ["grants"] = grants,
        };
        return Hs256Jwt.Sign(Key, Encoding.UTF8.GetBytes(Secret), claims);
    }
}
