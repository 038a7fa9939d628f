namespace Realtime.Media.Dtls;

/// <summary>The server role (<c>a=setup:passive</c>), which the SFU always takes. The client's lives with the .NET client.</summary>
/// <param name="expectedRemote">From the offer's <c>a=fingerprint</c>.</param>
public sealed class DtlsServer(DtlsContext context, DtlsFingerprint expectedRemote) : DtlsEndpoint(context, expectedRemote, isServer: true);
