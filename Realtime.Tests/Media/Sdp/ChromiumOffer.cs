using Realtime.Media.Sdp;
using Xunit;

namespace Realtime.Tests.Media.Sdp;

/// <summary>Offers of headless Chromium 156, as it made them (Fixtures/).</summary>
static class ChromiumOffer
{
    public static readonly string[] Names = ["sendrecv", "sendonly", "recvonly", "simulcast", "datachannel"];

    public static string Text(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Media", "Sdp", "Fixtures", $"offer-{name}.sdp"));

    public static Offer Read(string name) => Accept(Text(name));

    public static Offer Accept(string sdp)
    {
        Assert.True(OfferReader.TryRead(sdp, out var offer, out var error), error?.ToString());
        return offer;
    }

    public static NegotiationError Refuse(string sdp, SdpLimits? limits = null)
    {
        Assert.False(OfferReader.TryRead(sdp, limits ?? SdpLimits.Default, out var offer, out var error));
        Assert.Null(offer);
        return error;
    }
}
