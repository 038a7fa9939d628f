using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Realtime.Signaling.MediaControl;

/// <summary>Why a TURN server is no good at the moment; <see cref="Reason"/> is one of few words, for counters.</summary>
public sealed class TurnException(string reason, Exception? cause = null) : Exception($"The TURN server is no good: {reason}.", cause)
{
    public string Reason => reason;
}

/// <summary>Asks a TURN server for what clients will ask it for: an allocation with credentials, then gives it back (Refresh with lifetime 0).</summary>
public static class TurnClient
{
    const int UnauthorizedError = 401;
    const int StaleNonceError = 438;
    const int FirstRetransmitMs = 500;
    const int Attempts = 4;

    /// <exception cref="TurnException">It did not do it.</exception>
    public static async Task ProbeAsync(TurnServer server, string username, string password, CancellationToken cancellation)
    {
        try
        {
            using var socket = server.Tcp ? new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true } : new Socket(SocketType.Dgram, ProtocolType.Udp);
            await socket.ConnectAsync(server.Host, server.Port, cancellation);
            if (!server.Tcp)
            {
                await ProbeAsync((request, token) => AskUdpAsync(socket, request, token), username, password, cancellation);
                return;
            }
            await using var plain = new NetworkStream(socket);
            await using var stream = server.Tls ? new SslStream(plain, leaveInnerStreamOpen: true) : (Stream)plain;
            if (stream is SslStream tls)
                await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = server.Host }, cancellation);
            await ProbeAsync((request, token) => AskStreamAsync(stream, request, token), username, password, cancellation);
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            throw new TurnException("unreachable", exception);
        }
        catch (System.Security.Authentication.AuthenticationException exception)
        {
            throw new TurnException("certificate", exception);
        }
    }

    static async Task ProbeAsync(Func<Request, CancellationToken, Task<TurnAnswer>> ask, string username, string password, CancellationToken cancellation)
    {
        var challenge = await ask(Request.New(TurnWire.Allocate, null), cancellation);
        if (challenge.Error != UnauthorizedError)
            throw new TurnException(challenge.Error is null ? "open" : $"error{challenge.Error}");
        var login = new TurnLogin(username, password, challenge.Realm, challenge.Nonce);
        var allocated = await ask(Request.New(TurnWire.Allocate, login), cancellation);
        if (allocated.Error == StaleNonceError)
            allocated = await ask(Request.New(TurnWire.Allocate, login = new TurnLogin(username, password, allocated.Realm, allocated.Nonce)), cancellation);
        if (allocated.Error is { } refused)
            throw new TurnException($"error{refused}");
        if ((await ask(Request.New(TurnWire.Refresh, login), cancellation)).Error is { } kept)
            throw new TurnException($"refresh{kept}");
    }

    static async Task<TurnAnswer> AskUdpAsync(Socket socket, Request request, CancellationToken cancellation)
    {
        var buffer = new byte[TurnWire.MaxMessage];
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            await socket.SendAsync(request.Bytes, cancellation);
            using var pause = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            pause.CancelAfter(FirstRetransmitMs << attempt);
            try
            {
                while (true)
                {
                    var length = await socket.ReceiveAsync(buffer, pause.Token);
                    if (request.TryRead(buffer.AsSpan(0, length), out var answer))
                        return answer;
                }
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                // Lost on the way, perhaps: once more.
            }
        }
        throw new TurnException("silent");
    }

    static async Task<TurnAnswer> AskStreamAsync(Stream stream, Request request, CancellationToken cancellation)
    {
        await stream.WriteAsync(request.Bytes, cancellation);
        var buffer = new byte[TurnWire.MaxMessage];
        await stream.ReadExactlyAsync(buffer.AsMemory(0, TurnWire.HeaderLength), cancellation);
        if (TurnWire.LengthOf(buffer) is not { } length)
            throw new TurnException("malformed");
        await stream.ReadExactlyAsync(buffer.AsMemory(TurnWire.HeaderLength, length - TurnWire.HeaderLength), cancellation);
        return request.TryRead(buffer.AsSpan(0, length), out var answer) ? answer : throw new TurnException("malformed");
    }

    sealed record Request(ushort Method, byte[] Transaction, TurnLogin? Login, byte[] Bytes)
    {
        public static Request New(ushort method, TurnLogin? login)
        {
            var transaction = RandomNumberGenerator.GetBytes(12);
            return new Request(method, transaction, login, TurnWire.Write(method, transaction, login));
        }

        public bool TryRead(ReadOnlySpan<byte> message, out TurnAnswer answer) => TurnWire.TryRead(message, Method, Transaction, Login, out answer);
    }
}
