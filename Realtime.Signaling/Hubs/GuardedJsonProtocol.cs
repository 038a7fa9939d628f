using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.Options;
using Realtime.Contracts;
using Realtime.Signaling.Fanout;

namespace Realtime.Signaling.Hubs;

/// <summary>
/// SignalR's JSON protocol with three differences: a call that cannot be bound is turned into a call of <see cref="RealtimeHub.Malformed"/>, so that the caller gets an error
/// of the contract; only offers may be large; and the lanes are told when an answer is being written.
/// </summary>
public sealed class GuardedJsonProtocol : IHubProtocol
{
    /// <summary>Of any call but <see cref="RealtimeHub.Negotiate"/> (contract of the hub).</summary>
    public const int MaxCallBytes = 64 * 1024;

    /// <summary>Of an offer: <see cref="MediaControl.RoomService.MaxSdpBytes"/> and what JSON escaping adds.</summary>
    public const int MaxMessageBytes = 320 * 1024;

    const int MaxTargetLength = 64;

    readonly JsonHubProtocol _inner;

    public GuardedJsonProtocol(IOptions<JsonHubProtocolOptions> options) => _inner = new JsonHubProtocol(options);

    public string Name => _inner.Name;

    public int Version => _inner.Version;

    public TransferFormat TransferFormat => _inner.TransferFormat;

    public bool IsVersionSupported(int version) => _inner.IsVersionSupported(version);

    public bool TryParseMessage(ref ReadOnlySequence<byte> input, IInvocationBinder binder, [NotNullWhen(true)] out HubMessage? message)
    {
        var before = input.Length;
        if (!_inner.TryParseMessage(ref input, binder, out message))
            return false;
        message = message switch
        {
            InvocationBindingFailureMessage { InvocationId: { } id } failed => Malformed(id, failed.Target, ErrorCode.Invalid),
            InvocationMessage { InvocationId: { } id } call when call.Target == nameof(RealtimeHub.Malformed) => Malformed(id, call.Target, ErrorCode.Invalid),
            InvocationMessage { InvocationId: { } id } call when before - input.Length > MaxCallBytes && !IsNegotiate(call.Target) => Malformed(id, call.Target, ErrorCode.TooLarge),
            _ => message,
        };
        return true;
    }

    public void WriteMessage(HubMessage message, IBufferWriter<byte> output)
    {
        if (message is CompletionMessage && output is LanePipeWriter lanes)
            lanes.MarkCompletion();
        _inner.WriteMessage(message, output);
    }

    public ReadOnlyMemory<byte> GetMessageBytes(HubMessage message) => _inner.GetMessageBytes(message);

    static bool IsNegotiate(string target) => string.Equals(target, nameof(RealtimeHub.Negotiate), StringComparison.OrdinalIgnoreCase);

    static InvocationMessage Malformed(string id, string target, string code) =>
        new(id, nameof(RealtimeHub.Malformed), [target.Length > MaxTargetLength ? target[..MaxTargetLength] : target, code]);
}
