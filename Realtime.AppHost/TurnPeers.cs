namespace Realtime.AppHost;

/// <summary>
/// Whom the TURN server relays to: the media nodes and nobody else. Whoever has a credential could otherwise reach everything that the server can reach, this machine and its network first
/// of all. Where the servers are run by somebody else they want the same: <c>denied-peer-ip</c> for everything, <c>allowed-peer-ip</c> for what the nodes announce.
/// </summary>
internal static class TurnPeers
{
    private static readonly string[] Everybody = ["0.0.0.0-255.255.255.255", "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"];

    /// <param name="announced">Where clients reach the nodes, as <c>Media:AnnouncedAddresses</c> says it (<c>public/local</c> behind a NAT).</param>
    public static IResourceBuilder<ContainerResource> WithMediaPeersOnly(this IResourceBuilder<ContainerResource> turn, string announced) => turn.WithArgs(
    [
        "--no-tcp-relay", "--no-multicast-peers",
        .. announced.Split([',', '/'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(static address => $"--allowed-peer-ip={address}"),
        .. Everybody.Select(static range => $"--denied-peer-ip={range}"),
    ]);
}
