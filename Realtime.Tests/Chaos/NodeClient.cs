using System.Text.Json.Nodes;
using Realtime.Tests.Harness;

namespace Realtime.Tests.Chaos;

/// <summary>The npm client, in a process of its own with others.</summary>
sealed class NodeClient(NodeHost host, string user, FaultProxy link) : IChaosClient
{
    public string User => user;

    public IReadOnlyList<FaultProxy> Links { get; } = [link];

    public NodeHost Host => host;

    public bool IsDead => host.IsKilled;

    public Task StartAsync(string token, CancellationToken cancellation)
    {
        host.Users.Add(user);
        return host.CallAsync("start", user, new JsonObject { ["url"] = new Uri(link.Http, "/hub").ToString(), ["token"] = token }, cancellation);
    }

    public Task JoinAsync(string channel, CancellationToken cancellation) => host.CallAsync("join", user, new JsonObject { ["channel"] = channel }, cancellation);

    public Task LeaveAsync(string channel, CancellationToken cancellation) => host.CallAsync("leave", user, new JsonObject { ["channel"] = channel }, cancellation);

    public Task SendAsync(string channel, string text, CancellationToken cancellation) => host.CallAsync("send", user, new JsonObject { ["channel"] = channel, ["text"] = text }, cancellation);

    public Task ReadAsync(string channel, long after, CancellationToken cancellation) => host.CallAsync("read", user, new JsonObject { ["channel"] = channel, ["after"] = after }, cancellation);

    public Task EditAsync(string channel, string message, string text, CancellationToken cancellation) => Task.CompletedTask;

    public Task RemoveAsync(string channel, string message, CancellationToken cancellation) => Task.CompletedTask;

    public void NetworkIsBack() => _ = host.CallAsync("wake", user, null, CancellationToken.None);

    public ValueTask DisposeAsync() => link.DisposeAsync();
}
