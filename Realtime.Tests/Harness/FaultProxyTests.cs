using System.Net;
using System.Net.Sockets;
using System.Text;
using Xunit;

namespace Realtime.Tests.Harness;

/// <summary>The proxy does what is asked of it, to connections that exist and to new ones.</summary>
public sealed class FaultProxyTests : IAsyncLifetime
{
    static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    readonly TcpListener _server = new(IPAddress.Loopback, 0);
    FaultProxy? _proxy;

    FaultProxy Proxy => _proxy!;

    public ValueTask InitializeAsync()
    {
        _server.Start();
        _proxy = new FaultProxy(_server.LocalEndpoint, IPAddress.Parse("127.3.255.1"));
        return default;
    }

    public async ValueTask DisposeAsync()
    {
        await Proxy.DisposeAsync();
        _server.Dispose();
    }

    [Fact]
    public async Task PassesWhatComes_FromTheAddressItWasGiven()
    {
        using var pair = await ConnectAsync();
        await pair.Client.SendAsync("there"u8.ToArray());
        Assert.Equal("there", await ReadAsync(pair.Server, 5));
        await pair.Server.SendAsync("and back"u8.ToArray());
        Assert.Equal("and back", await ReadAsync(pair.Client, 8));
        Assert.Equal(IPAddress.Parse("127.3.255.1"), ((IPEndPoint)pair.Server.RemoteEndPoint!).Address);
        pair.Client.Shutdown(SocketShutdown.Send);
        Assert.Equal("", await ReadAsync(pair.Server, 1));
    }

    [Fact]
    public async Task ABlackHoleHoldsBackOneDirection_AndGivesItBack()
    {
        using var pair = await ConnectAsync();
        Proxy.Fault = new LinkFault(HoldsToServer: true);
        await pair.Client.SendAsync("held"u8.ToArray());
        await pair.Server.SendAsync("free"u8.ToArray());
        Assert.Equal("free", await ReadAsync(pair.Client, 4));
        Assert.Equal(0, pair.Server.Available);
        Proxy.Fault = LinkFault.None;
        Assert.Equal("held", await ReadAsync(pair.Server, 4));
    }

    [Fact]
    public async Task AResetReachesBothSides()
    {
        using var pair = await ConnectAsync();
        Proxy.Reset();
        await ResetAsync(pair.Client);
        await ResetAsync(pair.Server);
        await Eventually.TrueAsync(() => Proxy.Connections == 0);
    }

    [Fact]
    public async Task AClosedDoorResetsWhoKnocks_UntilItOpens()
    {
        Proxy.Fault = LinkFault.Closed;
        using var refused = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await ResetAsync(async () =>
        {
            // The reset may be faster than the connect's own return.
            await refused.ConnectAsync(IPAddress.Loopback, Proxy.Port);
            await refused.ReceiveAsync(new byte[1], SocketFlags.None).WaitAsync(s_patience);
        });
        Proxy.Fault = LinkFault.None;
        using var pair = await ConnectAsync();
        await pair.Client.SendAsync("open"u8.ToArray());
        Assert.Equal("open", await ReadAsync(pair.Server, 4));
    }

    [Fact]
    public async Task AVanishedClientLeavesTheServerAlone_UntilTheReset()
    {
        using var pair = await ConnectAsync();
        Proxy.LoseClients();
        await ResetAsync(pair.Client);
        await pair.Server.SendAsync("into the void"u8.ToArray());
        Assert.Equal(0, pair.Server.Available);
        Proxy.Reset();
        await ResetAsync(pair.Server);
    }

    [Fact]
    public async Task ADelayedLinkKeepsTheOrder()
    {
        using var pair = await ConnectAsync();
        Proxy.Fault = new LinkFault(TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(5), BytesPerSecond: 100_000);
        var sent = string.Concat(Enumerable.Range(0, 1000));
        await pair.Client.SendAsync(Encoding.ASCII.GetBytes(sent));
        Assert.Equal(sent, await ReadAsync(pair.Server, sent.Length));
    }

    async Task<Pair> ConnectAsync()
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(IPAddress.Loopback, Proxy.Port);
        return new Pair(client, await _server.AcceptSocketAsync().WaitAsync(s_patience));
    }

    static async Task<string> ReadAsync(Socket socket, int length)
    {
        var buffer = new byte[length];
        var read = 0;
        using var patience = new CancellationTokenSource(s_patience);
        while (read < length && await socket.ReceiveAsync(buffer.AsMemory(read), SocketFlags.None, patience.Token) is > 0 and var more)
            read += more;
        return Encoding.ASCII.GetString(buffer, 0, read);
    }

    static async Task ResetAsync(Socket socket)
    {
        using var patience = new CancellationTokenSource(s_patience);
        await ResetAsync(async () => await socket.ReceiveAsync(new byte[1], SocketFlags.None, patience.Token));
    }

    static async Task ResetAsync(Func<Task> use)
    {
        var ended = await Assert.ThrowsAsync<SocketException>(use);
        Assert.Equal(SocketError.ConnectionReset, ended.SocketErrorCode);
    }

    sealed record Pair(Socket Client, Socket Server) : IDisposable
    {
        public void Dispose()
        {
            Client.Dispose();
            Server.Dispose();
        }
    }
}
