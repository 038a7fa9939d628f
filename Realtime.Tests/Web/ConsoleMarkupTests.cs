using System.Text.Json;
using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.Tests.Harness;
using Xunit;

namespace Realtime.Tests.Web;

/// <summary>Names, rooms, reasons, errors, metadata: whatever of it strangers choose, operators see it as text, as a page arrives and as it is kept live.</summary>
[Trait("Tier", "EndToEnd")]
public class ConsoleMarkupTests(PageBrowser browser) : IClassFixture<PageBrowser>
{
    const string Hash = "ab12";
    const string Id = "01900000000070008000000000000001";

    static readonly string[] s_texts = [.. Markup.Corpus];

    static readonly string[] s_pages =
    [
        "/console", "/console/rooms", "/console/rooms/lounge", "/console/rooms/lounge/p0", "/console/nodes", "/console/circuits", "/console/actions?replica=signaling-0", "/console/crashes",
        $"/console/crashes/{Id}", $"/console/crashes/stack/{Hash}", "/console/deliveries", "/console/moderation", "/console/audit", "/console/limits", "/console/faults",
    ];

    static string Text(int i) => s_texts[i % s_texts.Length];

    [Fact]
    public async Task Whatever_strangers_choose_stays_text_for_operators()
    {
        await using var signaling = await FakeSignaling.StartAsync();
        Fill(signaling);
        await using var web = await WebHost.StartAsync(signaling.Address);
        signaling.Publish(Snapshot());
        await Eventually.TrueAsync(async () => (await web.Http.GetStringAsync("/console/limits")).Contains("data-testid=\"quarantine\""));
        var (page, problems) = await browser.OpenAsync(devices: false);
        var dialogs = 0;
        page.Dialog += async (_, dialog) =>
        {
            dialogs++;
            await dialog.DismissAsync();
        };
        page.SetDefaultTimeout(20_000);
        var asText = 0;
        foreach (var path in s_pages.Concat(s_texts.Take(8).Select(static text => $"/console/act/kick?room={Uri.EscapeDataString(text)}&participant=p&name={Uri.EscapeDataString(text)}"))
            .Concat(s_texts.Take(8).Select(static text => $"/console/rooms?search={Uri.EscapeDataString(text)}")))
        {
            await page.GotoAsync(new Uri(web.Address, path).AbsoluteUri);
            // A first board has come live, by the way by which all others come.
            await page.EvaluateAsync("""
                () => new Promise(done => {
                  const live = document.querySelector('[data-live]')?.dataset.live;
                  if (!live) done();
                  else new EventSource(live).addEventListener('board', () => setTimeout(done, 50), { once: true });
                })
                """);
            asText += (await page.Locator("main").InnerTextAsync()).Contains("window.__ran=1", StringComparison.Ordinal) ? 1 : 0;
            Assert.Equal(0, await page.EvaluateAsync<int>(
                "() => document.querySelectorAll(\"main :is(script, img, iframe, object, embed, video, audio, marquee, math, base, meta, link, style, template), main svg :is(script, a, animate), body > :is(img, svg, iframe, base)\").length"));
            Assert.Equal(0, await page.EvaluateAsync<int>("() => [...document.querySelectorAll('a[href], form[action]')].filter(one => !/^https?:$/.test(new URL(one.getAttribute('href') ?? one.getAttribute('action'), location).protocol) || new URL(one.getAttribute('href') ?? one.getAttribute('action'), location).origin !== location.origin).length"));
            Assert.False(await page.EvaluateAsync<bool>($"() => '{Markup.Flag}' in window"), path);
        }
        Assert.InRange(asText, s_pages.Length - 3, 100);
        Assert.Equal(0, dialogs);
        // A policy that had to stop something would have said so.
        Assert.DoesNotContain(problems, static line => !line.Contains("404", StringComparison.Ordinal));
    }

    static AdminSnapshot Snapshot() => new(
        "signaling-0", DateTimeOffset.UtcNow, "degraded", ["redis", Text(1)], 7, [new NodeInfo("media-0", "live", "b1", DateTimeOffset.UtcNow, 1, 2, 2, 100, 200, 12.5), new NodeInfo(Text(2), "draining", "b1", DateTimeOffset.UtcNow, 1, 2, 2, 100, 200, 12.5)],
        [new RoomInfo("lounge", "media-0", 1, s_texts.Length, 2), .. s_texts.Select(static text => new RoomInfo(text, "media-0", 1, 1, 1))],
        [.. s_texts.SelectMany(static (text, i) => new[] { Participant("lounge", i), Participant(text, i) })],
        [Circuit(Text(3)), Circuit("media-0/peer:lounge/" + Text(0))],
        [new QuarantineInfo(QuarantineKind.User, Text(4), Text(5), DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddMinutes(1), 1)], ["signaling-0"]);

    static AdminParticipant Participant(string room, int i) => new(room, $"p{i}", Text(i), Text(i), "connected", DateTimeOffset.UtcNow, [Track(i)]);

    static TrackInfo Track(int i) => new($"t{i}", $"p{i}", MediaKind.Audio, Text(i + 1), false, Text(i));

    static CircuitInfo Circuit(string name) => new(
        name, "open", 5, 0, 5, 0, 1, 0, 0, new Dictionary<string, long> { [Text(6)] = 5 }, new Dictionary<string, long>(), DateTimeOffset.UtcNow, null, [new CircuitChange(DateTimeOffset.UtcNow, "open", Text(7))]);

    static ActionEntry Entry(int i) => new(DateTimeOffset.UtcNow, "hub", Text(i), Text(i), Text(i), Text(i), Text(i), 1);

    static void Fill(FakeSignaling signaling)
    {
        var now = DateTimeOffset.UtcNow;
        var process = new ProcessStatistics(1, 1, 1, 1, 1, 1, 1, 1, 1, 1);
        ActionEntry[] entries = [.. Enumerable.Range(0, 50).Select(Entry)];
        var answers = signaling.Answers;
        answers["/api/admin/replica"] = new ReplicaReport("signaling-0", "b", now, "degraded", now, [Text(1)], [Text(2)], [Text(3)], 1, 1, 1, 1, 1, 1, 1, new LatencySummary(1, 1, 1, 1), process,
            [new AlertInfo("errorSpike", Text(4), now)], [Circuit(Text(5))], new Dictionary<string, DateTimeOffset> { [Text(6)] = now }, true);
        answers["/api/rooms/lounge/participants"] = s_texts.Select(static (text, i) => new RoomParticipantInfo($"p{i}", text, text, "connected", DateTimeOffset.UtcNow, [Track(i)])).ToArray();
        answers["/debug/rooms/lounge"] = new RoomDetail("lounge", 1, "media-0", 0, new RoomSettings(), [],
        [
            new ParticipantDetail("p0", "connected", Text(1), now, null, 0, true, 1, Text(2), "udp", new ParticipantStatistics(new ConnectionQuality(QualityLevel.Poor, Text(3), Text(4)), 1, 1, 1, []),
                new Dictionary<string, long> { [Text(5)] = 1 }, [new CandidatePathDetail("udp", "IPv4, private", true, 5)], new ReportedPair(Text(6), Text(7), Text(8), Text(9))),
        ], []);
        answers["/api/actions"] = entries;
        answers["/admin/debug"] = new Dictionary<string, DateTimeOffset> { [Text(10)] = now };
        answers["/api/crashes"] = s_texts.Select(static (text, i) => new CrashGroup($"{i:x4}", 1, 1, DateTimeOffset.UtcNow, DateTimeOffset.UtcNow, $"{i:x8}", CrashKind.Caught, text, text, text, text, [text])).ToArray();
        var inner = new CrashException(Text(11), Text(12), Text(13), null);
        answers[$"/api/crashes/{Id}"] = new CrashReport(Id, now, CrashKind.Caught, "signaling", "signaling-0", 1, Text(14), Text(15), Text(16), Text(17), Text(18), new CrashException(Text(19), Text(20), Text(21), inner), Hash, 1, entries, process);
        answers["/api/webhooks"] = s_texts.Select(static (text, i) => new WebhookInfo($"w{i}", text, text, [text], [text], true, text, 1, text, DateTimeOffset.UtcNow, 1, 1)).ToArray();
        answers["/api/deliveries"] = s_texts.Select(static (text, i) => new DeliveryInfo(i, "w", "e", text, text, "dead", 1, 1, 500, text, DateTimeOffset.UtcNow, null, null)).ToArray();
        answers["/api/moderation"] = new Page<RestrictionInfo>([.. s_texts.Select(static text => new RestrictionInfo(text, text, "ban", text, DateTimeOffset.UtcNow, text))]);
        answers["/api/audit"] = new Page<AuditEntry>([.. s_texts.Select(static (text, i) => new AuditEntry(i, DateTimeOffset.UtcNow, text, text, text, text, text, JsonSerializer.SerializeToElement(new { topic = text }), "", ""))]);
        answers["/api/limits"] = new LimitsReport("signaling-0", [new LimitState("messages", 30, 60, 30, "user", true, 1, 1, [new LimitedKey(Text(22), 5)])], [new LimitSetting("MessagesPerMinute", 30, 30, Text(23), now)]);
    }
}
