using System.Data.Common;
using System.Globalization;
using System.Net;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Realtime.Tests.Harness;

namespace Realtime.Tests.Chaos;

/// <summary>Proxies between each replica and its Redis and Postgres, so that one of them can lose its way while the other has it.</summary>
sealed class DependencyLinks : IAsyncDisposable
{
    const string RedisVariable = "ConnectionStrings__redis";
    const string PostgresVariable = "ConnectionStrings__realtimedb";

    public IReadOnlyList<FaultProxy> Redis { get; } = [new(), new()];

    public IReadOnlyList<FaultProxy> Postgres { get; } = [new(), new()];

    public IEnumerable<FaultProxy> All => Redis.Concat(Postgres);

    /// <summary>Puts the proxies between; where they lead to is known when the replicas start.</summary>
    public void Install(IResourceBuilder<ProjectResource> signaling) => signaling.WithEnvironment(context =>
    {
        var replica = context.EnvironmentVariables.TryGetValue("Realtime__Replica", out var name) && name is string text && text.EndsWith("-1", StringComparison.Ordinal) ? 1 : 0;
        Redirect(context, RedisVariable, connection => ThroughRedis(connection, Redis[replica]));
        Redirect(context, PostgresVariable, connection => ThroughPostgres(connection, Postgres[replica]));
    });

    public async ValueTask DisposeAsync()
    {
        foreach (var link in All)
            await link.DisposeAsync();
    }

    static void Redirect(EnvironmentCallbackContext context, string variable, Func<string, string> through)
    {
        if (context.EnvironmentVariables[variable] is IResourceWithConnectionString resource)
            context.EnvironmentVariables[variable] = new Redirected(resource, through);
    }

    /// <summary><c>host:port[,option=value …]</c></summary>
    static string ThroughRedis(string connection, FaultProxy link)
    {
        var parts = connection.Split(',', 2);
        link.Target = EndPointOf(parts[0]);
        return string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{link.Port}") + (parts.Length > 1 ? "," + parts[1] : "");
    }

    static string ThroughPostgres(string connection, FaultProxy link)
    {
        var parts = new DbConnectionStringBuilder { ConnectionString = connection };
        link.Target = EndPointOf($"{parts["Host"]}:{parts["Port"]}");
        (parts["Host"], parts["Port"]) = ("127.0.0.1", link.Port);
        return parts.ConnectionString;
    }

    static EndPoint EndPointOf(string address)
    {
        var split = address.LastIndexOf(':');
        var port = int.Parse(address.AsSpan(split + 1), CultureInfo.InvariantCulture);
        return IPAddress.TryParse(address[..split], out var ip) ? new IPEndPoint(ip, port) : new IPEndPoint(IPAddress.Loopback, port);
    }

    sealed class Redirected(IResourceWithConnectionString resource, Func<string, string> through) : IValueProvider
    {
        public async ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default) =>
            await resource.GetConnectionStringAsync(cancellationToken) is { } connection ? through(connection) : null;
    }
}
