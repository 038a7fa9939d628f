using Realtime.Media.Core;
using Realtime.Media.Ice;
using Realtime.Tests.Media.Harness;

namespace Realtime.Tests.Media.Ice;

/// <summary>A lite agent and as many clients as a test wants, on virtual time.</summary>
sealed class IceBench
{
    static readonly NetAddress ServerAddress = NetAddress.FromIPv4(0x7F000001, 40000);

    readonly Entropy entropy = new(1);
    readonly Outbox toServer = new(1 << 16, 64);
    readonly Outbox toClient = new(1 << 16, 64);

    public IceBench() => Agent = new IceLiteAgent(Now, NewCredentials());

    public IceLiteAgent Agent { get; }
    public Instant Now { get; set; } = Instant.FromMilliseconds(1000);

    /// <summary>What the agent sent last, or empty.</summary>
    public byte[] Answer { get; private set; } = [];

    public static NetAddress Address(int n) => NetAddress.FromIPv4(0x0A000000 + (uint)n, 5000);

    public IceCredentials NewCredentials() => IceCredentials.Create(entropy);

    public IceClient Client(uint priority = 100, IceCredentials? remote = null) =>
        new(NewCredentials(), remote ?? Agent.Local, ServerAddress, entropy) { Priority = priority };

    /// <summary>One check of this client from that address, and its answer.</summary>
    public DropReason Check(IceClient client, int from, bool nominate = true)
    {
        client.Nominate = nominate;
        toServer.Clear();
        client.Check(toServer);
        var reason = Receive(toServer.Payload(toServer.Entries[0]).ToArray(), from);
        if (Answer.Length > 0) client.Receive(Answer);
        return reason;
    }

    public DropReason Receive(byte[] datagram, int from)
    {
        toClient.Clear();
        var reason = Agent.Receive(Now, Address(from), datagram, toClient);
        Answer = toClient.Count == 0 ? [] : toClient.Payload(toClient.Entries[0]).ToArray();
        return reason;
    }

    public void Pass(TimeSpan time) => Now += time;

    public int? Selected() => Agent.TryGetSelected(out var path) ? (int)(path.IPv4 & 0xFFFFFF) : null;

    public List<IceEventKind> Events()
    {
        var events = new List<IceEventKind>();
        while (Agent.TryTakeEvent(out var e)) events.Add(e.Kind);
        return events;
    }
}
