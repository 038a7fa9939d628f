using Realtime.Media.Core;
using Realtime.Media.Ice;
using Realtime.Media.Rtp;
using Realtime.Media.Sdp;

namespace Realtime.Bench.Load;

/// <summary>What a load client looks for in a server's SDP.</summary>
static class RemoteDescription
{
    public static byte IdOf(MediaDescription section, ExtensionKind kind) =>
        section.Extensions.FirstOrDefault(each => ExtensionUri.Parse(each.Uri) == kind)?.Id ?? 0;

    public static NetAddress Candidate(SessionDescription remote)
    {
        foreach (var text in remote.Sections.SelectMany(section => section.Candidates))
        {
            if (IceCandidate.TryRead(text, out var candidate) && !candidate.IsTcp && candidate.Address.IsIPv4) return candidate.Address;
        }

        throw new FormatException("The server names no UDP candidate over IPv4.");
    }

    public static SessionDescription Read(string sdp) =>
        SdpReader.TryRead(sdp, SdpLimits.Default, out var description, out var error) ? description : throw new FormatException($"The server's SDP: {error}");
}
