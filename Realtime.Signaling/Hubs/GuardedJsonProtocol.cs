using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.Options;
using Realtime.Contracts;
using Realtime.Signaling.Fanout;

namespace Realtime.Signaling.Hubs;

/// <summary>
/// SignalR's JSON protocol with four differences: whatever cannot be read or is no call of this hub (streams, answers to questions never asked) is turned into a call of
/// <see cref="RealtimeHub.Malformed"/>, so that it counts and the caller gets an error of the contract; what is no protocol at all is too, and ends the connection there; only
/// offers may be large; and the lanes are told when an answer is being written.
/// </summary>
public sealed class GuardedJsonProtocol : IHubProtocol
{
    /// <summary>Of any call but <see cref="RealtimeHub.Negotiate"/> (contract of the hub).</summary>
    public const int MaxCallBytes = 64 * 1024;

    /// <summary>Of an offer: <see cref="MediaControl.RoomService.MaxSdpBytes"/> and what JSON escaping adds.</summary>
    public const int MaxMessageBytes = 320 * 1024;

    /// <summary>Of what a call carries: more than any record of the contract and its metadata has.</summary>
    public const int MaxDepth = 16;

    /// <summary>The code of what is no protocol at all; told to nobody.</summary>
    public const string Broken = "broken";

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
        try
        {
            if (!_inner.TryParseMessage(ref input, binder, out message))
                return false;
        }
        catch (Exception exception) when (exception is InvalidDataException or JsonException or FormatException or InvalidOperationException)
        {
            if (input.Length == before)
                throw;
            message = Malformed(null, "", Broken);
            return true;
        }
        message = message switch
        {
            InvocationBindingFailureMessage failed => Malformed(failed.InvocationId, failed.Target, ErrorCode.Invalid),
            InvocationMessage call when call.Target == nameof(RealtimeHub.Malformed) => Malformed(call.InvocationId, call.Target, ErrorCode.Invalid),
            InvocationMessage { StreamIds.Length: > 0 } call => Malformed(call.InvocationId, call.Target, ErrorCode.Invalid),
            InvocationMessage call when before - input.Length > MaxCallBytes && !IsNegotiate(call.Target) => Malformed(call.InvocationId, call.Target, ErrorCode.TooLarge),
            StreamInvocationMessage stream => Malformed(stream.InvocationId, stream.Target, ErrorCode.Invalid),
            StreamBindingFailureMessage or StreamItemMessage or CompletionMessage => Malformed(null, "", ErrorCode.Invalid),
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

    static InvocationMessage Malformed(string? id, string target, string code) =>
        new(id, nameof(RealtimeHub.Malformed), [target.Length > MaxTargetLength ? target[..MaxTargetLength] : target, code]);
}
