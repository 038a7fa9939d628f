using Realtime.Contracts;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Rooms;
using Realtime.Signaling.Whip;
using Xunit;

namespace Realtime.Tests.Signaling.Whip;

public sealed class SessionIdsTests
{
    static readonly HttpSession Session = new(JoinedVia.Whip, new Placement("lobby", "media-0", 7), "01a1fed2-a367-7f55-899a-551c247e072e");

    readonly SessionIds _ids = new(Keys("a-secret-of-a-team-that-is-long-enough"));

    static KeyRing Keys(params string[] secrets) => new(new Options<AuthOptions>(new AuthOptions { Keys = [new ApiKeyOptions { Id = "team", Secrets = [.. secrets] }] }));

    [Fact]
    public void An_id_leads_any_replica_back_to_its_session()
    {
        var id = _ids.Issue(Session, "ann");
        Assert.Matches("^[A-Za-z0-9._-]+$", id);
        var other = new SessionIds(Keys("a-secret-of-a-team-that-is-long-enough"));
        Assert.True(other.TryRead(JoinedVia.Whip, "lobby", id, "ann", out var found));
        Assert.Equal(Session, found);
    }

    [Fact]
    public void While_a_secret_is_replaced_ids_of_both_are_good()
    {
        var id = _ids.Issue(Session, "ann");
        var rotated = new SessionIds(Keys("the-next-secret-also-long-enough-to-be", "a-secret-of-a-team-that-is-long-enough"));
        Assert.True(rotated.TryRead(JoinedVia.Whip, "lobby", id, "ann", out _));
        Assert.NotEqual(id, rotated.Issue(Session, "ann"));
    }

    [Fact]
    public void It_is_good_for_its_user_room_and_protocol_alone()
    {
        var id = _ids.Issue(Session, "ann");
        Assert.False(_ids.TryRead(JoinedVia.Whip, "lobby", id, "bob", out _));
        Assert.False(_ids.TryRead(JoinedVia.Whip, "other", id, "ann", out _));
        Assert.False(_ids.TryRead(JoinedVia.Whep, "lobby", id, "ann", out _));
    }

    [Fact]
    public void No_changed_id_is_good()
    {
        var id = _ids.Issue(Session, "ann");
        for (var i = 0; i < id.Length; i++)
        {
            var changed = $"{id[..i]}{(id[i] == 'A' ? 'B' : 'A')}{id[(i + 1)..]}";
            // The last character of the MAC carries two bits that no byte does; strict decoders refuse them, lenient ones would not.
            if (i < id.Length - 1)
                Assert.False(_ids.TryRead(JoinedVia.Whip, "lobby", changed, "ann", out _), changed);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("...")]
    [InlineData("x.1.media-0.AAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("x.-1.media-0.AAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("x.99999999999999999999.media-0.AAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("x.1.media-0.%%%")]
    [InlineData("x.1.media-0.AAAA.more")]
    public void Nonsense_is_no_id(string id) => Assert.False(_ids.TryRead(JoinedVia.Whip, "lobby", id, "ann", out _));

    sealed class Options<T>(T value) : Microsoft.Extensions.Options.IOptionsMonitor<T>
    {
        public T CurrentValue => value;

        public T Get(string? name) => value;

        public IDisposable? OnChange(Action<T, string?> listener) => null;
    }
}
