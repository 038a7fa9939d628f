using System.Text;
using Microsoft.Extensions.Options;
using Realtime.Contracts;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Webhooks;
using Xunit;

namespace Realtime.Tests.Signaling.Webhooks;

public class StandardWebhookTests
{
    /// <summary>From the specification's reference libraries.</summary>
    [Fact]
    public void The_specifications_vector_comes_out()
    {
        Assert.True(StandardWebhook.TryReadSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", out var secret));
        var signature = StandardWebhook.Sign([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", DateTimeOffset.FromUnixTimeSeconds(1614265330), """{"test": 2432232314}"""u8);
        Assert.Equal("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", signature);
        Assert.Equal($"{signature} {signature}", StandardWebhook.Sign([secret, secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", DateTimeOffset.FromUnixTimeSeconds(1614265330), """{"test": 2432232314}"""u8));
    }

    [Fact]
    public void Secrets_are_long_enough_and_read_back()
    {
        var made = StandardWebhook.NewSecret();
        Assert.True(StandardWebhook.TryReadSecret(made, out var secret));
        Assert.Equal(32, secret.Length);
        foreach (var bad in new[] { null, "", "whsec_", "whsec_%%%%", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_" + Convert.ToBase64String(new byte[23]), "whsec_" + Convert.ToBase64String(new byte[65]), "whsec_" + new string('A', 10_000) })
            Assert.False(StandardWebhook.TryReadSecret(bad, out _));
    }

    [Fact]
    public void Pauses_grow_as_written_with_a_fifth_either_way()
    {
        int[] seconds = [5, 30, 120, 600, 1800, 7200, 21600, 43200, 43200];
        Assert.Equal(seconds, Enumerable.Range(1, 9).Select(static attempts => (int)DeliveryRules.PauseAfter(attempts, 0.5).TotalSeconds));
        Assert.Equal((4, 6), (DeliveryRules.PauseAfter(1, 0).TotalSeconds, DeliveryRules.PauseAfter(1, 1).TotalSeconds));
        Assert.Equal(TimeSpan.FromMinutes(3), DeliveryRules.PauseAfter(1, 0.5, TimeSpan.FromMinutes(3)));
        Assert.Equal(DeliveryRules.LongestWish, DeliveryRules.PauseAfter(1, 0.5, TimeSpan.FromDays(30)));
    }

    [Fact]
    public void A_payload_stays_below_its_bound_whatever_a_message_holds()
    {
        var element = System.Text.Json.JsonSerializer.SerializeToElement(new string('\u20ac', 15_000 / 6));
        var message = new Message("c", 1, 7, "id", "ann", "Ann", new string('\u20ac', 2000), DateTimeOffset.UnixEpoch, "m", Attachments: [element], Embeds: [element]);
        var told = WebhookEvent.Of(1, 7, message)!;
        Assert.InRange(Encoding.UTF8.GetByteCount(told.Payload), 1, WebhookEvent.MaxBytes - 1);
        Assert.Contains("\"truncated\":true", told.Payload);
        Assert.Contains("\"id\":\"id\"", told.Payload);
        var small = WebhookEvent.Of(1, 7, message with { Text = "x", Attachments = null, Embeds = null })!;
        Assert.DoesNotContain("truncated", small.Payload);
        Assert.Equal((small.Id, WebhookKind.MessageCreated), (told.Id, told.Kind));
        Assert.NotEqual(small.Id, WebhookEvent.Of(2, 7, message)!.Id);
    }

    [Fact]
    public void A_closed_secret_opens_for_its_owner_alone_and_outlives_one_rotation()
    {
        static SecretBox Box(string secret, string previous = "") => new(Options.Create(new ProtectionOptions { Secret = secret.PadRight(32, '-'), PreviousSecret = previous.Length == 0 ? "" : previous.PadRight(32, '-') }));
        var closed = Box("one").Close("whsec_x", "a");
        Assert.DoesNotContain("whsec", closed);
        Assert.NotEqual(closed, Box("one").Close("whsec_x", "a"));
        Assert.True(Box("one").TryOpen(closed, "a", out var secret, out var isOld));
        Assert.Equal(("whsec_x", false), (secret, isOld));
        Assert.True(Box("two", "one").TryOpen(closed, "a", out secret, out isOld));
        Assert.Equal(("whsec_x", true), (secret, isOld));
        Assert.False(Box("one").TryOpen(closed, "b", out _, out _));
        Assert.False(Box("two").TryOpen(closed, "a", out _, out _));
        foreach (var bad in new[] { "", "p1.", "p1.AAAA", "p2." + closed[3..], closed[..^4], closed[..^1] + (closed[^1] == 'A' ? 'B' : 'A'), "p1." + new string('A', 5000), "p1.ä" })
            Assert.False(Box("one").TryOpen(bad, "a", out _, out _), bad);
    }
}
