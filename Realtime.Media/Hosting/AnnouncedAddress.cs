using System.Net;

namespace Realtime.Media.Hosting;

/// <summary>
/// Where clients reach the node: <c>203.0.113.7</c>, or behind a NAT that maps one address to another <c>203.0.113.7/10.0.0.4</c> (public/local). The
/// local address is announced as well, after all public ones: clients on this side of the NAT reach it where the NAT does not loop back.
/// </summary>
public readonly record struct AnnouncedAddress(IPAddress Public, IPAddress? Local)
{
    public static bool TryParse(string text, out AnnouncedAddress address)
    {
        var slash = text.IndexOf('/');
        IPAddress? local = null;
        var valid = IPAddress.TryParse(slash < 0 ? text : text[..slash], out var open) && (slash < 0 || IPAddress.TryParse(text[(slash + 1)..], out local));
        address = valid ? new AnnouncedAddress(open!, local) : default;
        return valid;
    }
}
