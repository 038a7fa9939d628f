using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.Tests.Harness;
using Realtime.Tests.Media.Fuzz;
using Realtime.Tests.Media.Isolation;
using Realtime.Tests.Media.Sdp;

namespace Realtime.Tests.MediaChaos;

/// <summary>
/// Ten thousand handshakes a minute that begin and never end: offered, found by an authentic check, and after the ClientHello not another word. The offers come by the control API, so
/// that no limit of signaling's stands before what is tried: the node's own bound.
/// </summary>
sealed class HalfOpenAttack(RunningApp app, string name, int node, IPEndPoint edge) : IMediaAttack
{
    const int PerMinute = 10_000;
    const int AtOnce = 8;
    const int PerRoom = 500;

    readonly string _offer = ChromiumOffer.Text("recvonly");
    readonly byte[] _hello = DtlsFuzz.Recorded()[0];
    long _begun;
    long _count;

    public string Name => "half-open handshakes";

    public long Count => Interlocked.Read(ref _count);

    public async Task RunAsync(Violations violations, CancellationToken cancellation)
    {
        try
        {
            await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => AttackAsync(violations, cancellation)));
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // That is how it ends.
        }
    }

    async Task AttackAsync(Violations violations, CancellationToken cancellation)
    {
        using var pace = new PeriodicTimer(TimeSpan.FromMinutes(1) * AtOnce / PerMinute);
        while (await pace.WaitForNextTickAsync(cancellation))
        {
            var number = Interlocked.Increment(ref _begun);
            var (opened, refused) = await app.OpenAsync(node, new OpenPeerCommand(
                $"{name}-{number}", $"{name}-{number / PerRoom}", 1, $"{name}-{number}", $"{name}-{number}", "half", JoinedVia.Whep, _offer), cancellation);
            if (opened is null)
            {
                violations.Add($"an offer to the node was refused: {refused}");
                continue;
            }
            await BeginAsync(opened, cancellation);
            Interlocked.Increment(ref _count);
        }
    }

    async Task BeginAsync(OpenPeerResult opened, CancellationToken cancellation)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(new IPAddress([127, 67, (byte)RandomNumberGenerator.GetInt32(256), 1]), 0));
        await socket.SendToAsync(ForgedCheck.From(opened.Ufrag, Value(_offer, "a=ice-ufrag:"), Value(opened.Sdp, "a=ice-pwd:")), edge, cancellation);
        await socket.SendToAsync(_hello, edge, cancellation);
    }

    static string Value(string sdp, string line)
    {
        var from = sdp.IndexOf(line, StringComparison.Ordinal) + line.Length;
        return sdp.AsSpan(from, sdp.AsSpan(from).IndexOfAny('\r', '\n')).ToString();
    }
}
