using Realtime.Media.Sdp;
using Realtime.Tests.Media.Harness;
using Xunit;

namespace Realtime.Tests.Media.Sdp;

public class OfferContinuityTests
{
    static TestOffer Client(int extensionOffset = 0)
    {
        var client = new TestOffer("cliu", "9876543210987654321098", new Fingerprint("sha-256", new byte[32])) { ExtensionOffset = extensionOffset };
        client.Add(SectionKind.Audio, MediaDirection.SendOnly, ssrc: 1);
        client.Add(SectionKind.Video, MediaDirection.SendOnly, ssrc: 2);
        return client;
    }

    static Offer Read(TestOffer client) => ChromiumOffer.Accept(client.ToSdp());

    [Fact]
    public void SectionsMayBeAddedChangedAndStopped()
    {
        var client = Client();
        var first = Read(client);
        client.AddReceivers(audio: 2, video: 3);
        client.Sections[1].Direction = MediaDirection.Inactive;
        var second = Read(client);
        Assert.Equal(7, second.Sections.Count);
        Assert.Null(OfferContinuity.Check(first, second));
        client.Sections[1].IsStopped = true;
        var third = Read(client);
        Assert.True(third.Sections[1].IsRejected);
        Assert.Null(OfferContinuity.Check(second, third));
        Assert.False(OfferContinuity.IsIceRestart(second, third));
        client.Ufrag = "else";
        Assert.True(OfferContinuity.IsIceRestart(third, Read(client)));
    }

    [Fact]
    public void SectionsMayNotVanish()
    {
        var client = Client();
        var small = Read(client);
        client.AddReceivers(1, 0);
        Assert.Equal((NegotiationErrorCode.Discontinuity, "m="), Codes(OfferContinuity.Check(Read(client), small)));
    }

    [Fact]
    public void SectionsMayNotChangePlaces()
    {
        var swapped = Client();
        var other = new TestOffer("cliu", "9876543210987654321098", new Fingerprint("sha-256", new byte[32]));
        other.Add(SectionKind.Video, MediaDirection.SendOnly, ssrc: 2);
        other.Add(SectionKind.Audio, MediaDirection.SendOnly, ssrc: 1);
        Assert.Equal((NegotiationErrorCode.Discontinuity, "m="), Codes(OfferContinuity.Check(Read(swapped), Read(other))));
        var renamed = ChromiumOffer.Accept(Client().ToSdp().Replace("BUNDLE 0 1", "BUNDLE x 1").Replace("a=mid:0", "a=mid:x"));
        Assert.Equal((NegotiationErrorCode.Discontinuity, "a=mid"), Codes(OfferContinuity.Check(Read(swapped), renamed)));
    }

    [Fact]
    public void ARejectedPlaceMayBeRecycled()
    {
        var client = Client();
        client.Sections[0].IsStopped = true;
        var before = Read(client);
        var after = ChromiumOffer.Accept(Client().ToSdp().Replace("BUNDLE 0 1", "BUNDLE n 1").Replace("a=mid:0", "a=mid:n"));
        Assert.Null(OfferContinuity.Check(before, after));
    }

    [Fact]
    public void ExtensionIdsKeepTheirMeaning()
    {
        Assert.Equal((NegotiationErrorCode.Discontinuity, "a=extmap"), Codes(OfferContinuity.Check(Read(Client()), Read(Client(extensionOffset: 1)))));
    }

    static (NegotiationErrorCode, string) Codes(NegotiationError? error)
    {
        Assert.NotNull(error);
        return (error.Code, error.Field);
    }
}
