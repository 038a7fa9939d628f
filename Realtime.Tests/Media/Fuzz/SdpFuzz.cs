using System.Text;
using Realtime.Media.Core;
using Realtime.Media.Ice;
using Realtime.Media.Peers;
using Realtime.Media.Sdp;
using Realtime.Signaling.Whip;
using Realtime.Tests.Media.Sdp;
using Xunit;

namespace Realtime.Tests.Media.Fuzz;

/// <summary>Texts from clients: offers through the reader, the rules and the negotiation to the answer; fragments of PATCH.</summary>
public sealed class SdpFuzz
{
    const int MaxErrorLength = 1024;

    [Fact]
    public void Every_offer_is_refused_with_a_reason_or_answered_section_by_section()
    {
        var corpus = ChromiumOffer.Names.Select(name => Encoding.UTF8.GetBytes(ChromiumOffer.Text(name))).ToList();
        var entropy = new Entropy(1);
        var local = IceCredentials.Create(entropy);
        var fingerprint = ChromiumOffer.Read("sendrecv").Transport.Fingerprints[0];
        var negotiation = NewNegotiation(entropy);
        var offers = 0;
        new Fuzzer("sdp", 2_500, corpus, maxLength: 64 << 10, isText: true) { AllowedBytes = 1 << 20, AllowedPerByte = 256 }.Run(input =>
        {
            var text = Encoding.UTF8.GetString(input);
            if (!OfferReader.TryRead(text, out var offer, out var error))
            {
                Promise.Holds(offer is null && error.ToString().Length <= MaxErrorLength, "an error is short");
                return;
            }

            SessionRules.Check(offer, publishes: true);
            SessionRules.Check(offer, publishes: false);
            // Some offers follow others in one session.
            if (++offers % 4 == 0) negotiation = NewNegotiation(entropy);
            if (negotiation.Apply(offer, (_, codecs) => codecs[0]) is { } refused)
            {
                Promise.Holds(refused.ToString().Length <= MaxErrorLength, "a refusal is short");
                return;
            }

            var answer = negotiation.WriteAnswer(local, fingerprint, ["1 1 udp 1 127.0.0.1 9 typ host"]);
            Promise.Holds(SdpReader.TryRead(answer, SdpLimits.Default, out var read, out _), "an answer can be read");
            Promise.Holds(read!.Sections.Count == offer.Sections.Count, "every section is answered");
            Promise.Holds(answer.Length <= (3 * text.Length) + 4096, "an answer is no longer than three offers");
            negotiation.WriteIceFragment(local, []);
        });
    }

    [Fact]
    public void Every_fragment_is_refused_with_a_reason_or_read()
    {
        var fragment = "a=ice-ufrag:EsAw\r\na=ice-pwd:P2uYro0UCOQ4zxjKXaWCBui1\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n"
            + "a=candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0 ufrag EsAw network-id 1\r\na=end-of-candidates\r\n";
        new Fuzzer("sdpfrag", 10_000, [Encoding.UTF8.GetBytes(fragment)], IceFragment.MaxBytes, isText: true) { AllowedBytes = 64 << 10, AllowedPerByte = 64 }.Run(input =>
        {
            var isRead = IceFragment.TryRead(Encoding.UTF8.GetString(input), out var read, out var error);
            Promise.Holds(isRead ? read is not null && error is null : read is null && error is { Message.Length: <= MaxErrorLength }, "one of the two");
            if (read?.Ufrag is { } ufrag) Promise.Holds(IceCredentials.TryCreate(ufrag, read.Pwd!, out _), "what was read are credentials");
        });
    }

    static PeerNegotiation NewNegotiation(Entropy entropy) => new(new PeerGrants(true, true), entropy);
}
