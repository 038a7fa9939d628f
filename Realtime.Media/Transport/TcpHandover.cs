using System.Net.Sockets;
using Realtime.Media.Core;

namespace Realtime.Media.Transport;

/// <summary>A connection on its way from the listener to the worker that its first STUN message named.</summary>
/// <param name="Socket">Connected, non-blocking; whoever holds the handover owns it.</param>
/// <param name="Remote">Without a connection's number.</param>
/// <param name="FirstFrame">With its length before it. Nothing beyond it has been read.</param>
public sealed record TcpHandover(Socket Socket, NetAddress Remote, byte[] FirstFrame);
