using System.Text.Json;

namespace Realtime.Contracts;

/// <summary>A newer token of the same user; its grants hold from here on.</summary>
public sealed record RefreshTokenRequest(string? Token);

public sealed record RefreshTokenResult(DateTimeOffset Expires);

/// <summary>What a client saw of its transport: the SFU is ICE-lite and sees no TURN server.</summary>
/// <param name="IceErrors">At most 20 of <c>{url, code, text}</c> (RTCPeerConnectionIceErrorEvent).</param>
/// <param name="SelectedPair"><c>{local, remote, protocol, relayUrl?}</c>.</param>
public sealed record ReportTransportRequest(string? Room, IReadOnlyList<IceErrorReport>? IceErrors = null, JsonElement? SelectedPair = null, int? Restarts = null);

public sealed record IceErrorReport(string? Url, int? Code, string? Text = null);
