using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Realtime.Contracts;
using Realtime.Signaling.Attachments;
using Xunit;

namespace Realtime.Tests.Signaling.Attachments;

[Collection("Deliveries")]
public sealed class AttachmentTests(DeliveriesServer server)
{
    static readonly byte[] File = RandomNumberGenerator.GetBytes(20_000);

    static HttpContent Raw(byte[] bytes, string type = "image/png") => new ByteArrayContent(bytes) { Headers = { ContentType = MediaTypeHeaderValue.Parse(type) } };

    Task<HttpResponseMessage> UploadAsync(string user, string channel, HttpContent body, string name = "a.png", int replica = 0) =>
        server.SendAsync(HttpMethod.Post, $"/api/attachments?channel={channel}&name={Uri.EscapeDataString(name)}", server.Token(user), body, replica);

    async Task<AttachmentInfo> UploadedAsync(string user, string channel, byte[]? bytes = null, string name = "a.png") =>
        await DeliveriesServer.ReadAsync<AttachmentInfo>(await UploadAsync(user, channel, Raw(bytes ?? File), name));

    static SendMessageRequest With(string channel, string id, string clientMessageId = "m1") =>
        new(channel, clientMessageId, "look", Attachments: [JsonSerializer.SerializeToElement(new { id, name = "lie.exe", size = 1 })]);

    [Fact]
    public async Task A_disk_that_is_nearly_full_takes_no_upload_and_says_when_to_come_back()
    {
        server.Change("Attachments:MinFreeDisk", "0.99999");
        try
        {
            using var refused = await UploadAsync("full1", "full", Raw(File));
            Assert.Equal((HttpStatusCode.ServiceUnavailable, TimeSpan.FromMinutes(1)), (refused.StatusCode, refused.Headers.RetryAfter!.Delta));
            using var problem = JsonDocument.Parse(await refused.Content.ReadAsStringAsync());
            Assert.Equal((ErrorCode.Unavailable, "disk"), (problem.RootElement.GetProperty("code").GetString(), problem.RootElement.GetProperty("scope").GetString()));
        }
        finally
        {
            server.Change("Attachments:MinFreeDisk", "0");
        }
        await UploadedAsync("full1", "full");
    }

    [Fact]
    public async Task An_upload_is_its_uploaders_until_a_message_carries_it_then_its_channels()
    {
        var upload = await UploadedAsync("up1", "up-a", name: "../../etc/pass\u202ewd\r\n.png");
        Assert.Equal(("up1", "up-a", "passwd.png", "image/png", (long)File.Length, Convert.ToHexStringLower(SHA256.HashData(File))), (upload.Uploader, upload.Channel, upload.Name, upload.Type, upload.Size, upload.Sha256));
        Assert.Equal(HttpStatusCode.NotFound, (await server.SendAsync(HttpMethod.Get, $"/api/attachments/{upload.Id}", server.Token("up2"))).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.SendAsync(HttpMethod.Get, $"/api/attachments/{upload.Id}", null)).StatusCode);

        await using var author = await server.ConnectAsync("up1", grants: new Grants(Channels: ["up-*"]));
        await author.InvokeAsync<HelloResult>("Hello", new HelloRequest());
        await author.InvokeAsync<SendMessageResult>("SendMessage", With("up-a", upload.Id));
        // A retry says the same; another message, another channel and another author may not have it.
        await author.InvokeAsync<SendMessageResult>("SendMessage", With("up-a", upload.Id));
        await Assert.ThrowsAnyAsync<Exception>(() => author.InvokeAsync<SendMessageResult>("SendMessage", With("up-a", upload.Id, "m2")));
        await Assert.ThrowsAnyAsync<Exception>(() => author.InvokeAsync<SendMessageResult>("SendMessage", With("up-b", upload.Id)));
        await using var other = await server.ConnectAsync("up2", grants: new Grants(Channels: ["up-*"]));
        await other.InvokeAsync<HelloResult>("Hello", new HelloRequest());
        await Assert.ThrowsAnyAsync<Exception>(() => other.InvokeAsync<SendMessageResult>("SendMessage", With("up-a", upload.Id)));
        var stored = Assert.Single((await other.InvokeAsync<Message[]>("History", new HistoryRequest("up-a")))!);
        Assert.Equal("""{"id":"ID","name":"passwd.png","type":"image/png","size":20000}""".Replace("ID", upload.Id, StringComparison.Ordinal), Assert.Single(stored.Attachments!).GetRawText());

        // The other replica serves it, to who may read the channel.
        using var read = await server.SendAsync(HttpMethod.Get, $"/api/attachments/{upload.Id}", server.Token("up2"), replica: 1);
        Assert.Equal(File, await read.Content.ReadAsByteArrayAsync());
        Assert.Equal(
            ("attachment", "nosniff", "sandbox; default-src 'none'", "image/png", $"\"{upload.Sha256}\""),
            (read.Content.Headers.ContentDisposition!.DispositionType, read.Headers.GetValues("X-Content-Type-Options").Single(), read.Headers.GetValues("Content-Security-Policy").Single(),
                read.Content.Headers.ContentType!.MediaType, read.Headers.ETag!.Tag));
        Assert.Equal(HttpStatusCode.NotFound, (await server.SendAsync(HttpMethod.Get, $"/api/attachments/{upload.Id}", server.Token("up3", new Grants(Channels: ["elsewhere"])))).StatusCode);

        // It goes with its message.
        await author.InvokeAsync<ChangeMessageResult>("DeleteMessage", new DeleteMessageRequest("up-a", stored.Id));
        Assert.Equal(HttpStatusCode.NotFound, (await server.SendAsync(HttpMethod.Get, $"/api/attachments/{upload.Id}", server.Token("up2"))).StatusCode);
        Assert.NotEqual(0, await server.Service<AttachmentSweeper>(0).SweepAsync(default));
        Assert.Null(server.Service<AttachmentFiles>(0).Find(upload.Id));
    }

    [Fact]
    public async Task Ranges_and_tags_are_honoured()
    {
        var upload = await UploadedAsync("ra1", "ra");
        Task<HttpResponseMessage> Get(params (string, string)[] headers) => server.SendAsync(HttpMethod.Get, $"/api/attachments/{upload.Id}", server.Token("ra1"), headers: headers);
        using var middle = await Get(("Range", "bytes=100-199"));
        Assert.Equal((HttpStatusCode.PartialContent, $"bytes 100-199/{File.Length}"), (middle.StatusCode, middle.Content.Headers.ContentRange!.ToString()));
        Assert.Equal(File[100..200], await middle.Content.ReadAsByteArrayAsync());
        using var end = await Get(("Range", "bytes=-5"));
        Assert.Equal(File[^5..], await end.Content.ReadAsByteArrayAsync());
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, (await Get(("Range", "bytes=20000-"))).StatusCode);
        Assert.Equal(HttpStatusCode.NotModified, (await Get(("If-None-Match", $"\"{upload.Sha256}\""))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await Get(("Range", "bytes=0-1"), ("If-Range", "\"another\""))).StatusCode);
        using var head = await server.SendAsync(HttpMethod.Head, $"/api/attachments/{upload.Id}", server.Token("ra1"));
        Assert.Equal((HttpStatusCode.OK, (long)File.Length), (head.StatusCode, head.Content.Headers.ContentLength));
    }

    [Fact]
    public async Task What_is_too_large_is_refused_before_and_while_it_is_read_and_leaves_nothing()
    {
        Assert.Equal((413, "tooLarge"), await DeliveriesServer.RefusalAsync(await UploadAsync("la1", "la", Raw(new byte[DeliveriesServer.MaxBytes + 1]))));
        // No length given: it is counted.
        using var chunked = Raw(new byte[DeliveriesServer.MaxBytes + 1]);
        using var endless = new ChunkedContent(DeliveriesServer.MaxBytes + 1);
        Assert.Equal((413, "tooLarge"), await DeliveriesServer.RefusalAsync(await UploadAsync("la2", "la", endless)));
        using var exact = new ChunkedContent(DeliveriesServer.MaxBytes);
        Assert.Equal(DeliveriesServer.MaxBytes, (await DeliveriesServer.ReadAsync<AttachmentInfo>(await UploadAsync("la3", "la", exact))).Size);
        Assert.Equal((400, "invalid"), await DeliveriesServer.RefusalAsync(await UploadAsync("la4", "la", Raw([]))));
        Assert.Empty(Directory.GetFiles(Path.Combine(server.Folder, "partial")));
    }

    sealed class ChunkedContent(int length) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            for (var left = length; left > 0; left -= 1000)
            {
                await stream.WriteAsync(new byte[Math.Min(left, 1000)]);
                await stream.FlushAsync();
            }
        }

        protected override bool TryComputeLength(out long computed)
        {
            computed = 0;
            return false;
        }
    }

    [Fact]
    public async Task A_day_has_its_quota_and_what_was_not_received_is_given_back()
    {
        for (var i = 0; i < DeliveriesServer.BytesPerUserAndDay / DeliveriesServer.MaxBytes; i++)
            await UploadedAsync("qu1", "qu", new byte[DeliveriesServer.MaxBytes]);
        Assert.Equal((429, "rateLimited"), await DeliveriesServer.RefusalAsync(await UploadAsync("qu1", "qu", Raw([1]))));
        await UploadedAsync("qu2", "qu", [1]);
        for (var i = 0; i < 10; i++)
        {
            using var small = new ChunkedContent(1000);
            await DeliveriesServer.ReadAsync<AttachmentInfo>(await UploadAsync("qu3", "qu", small));
        }
    }

    [Fact]
    public async Task Forms_are_read_and_nonsense_is_refused()
    {
        using var form = new MultipartFormDataContent { { new StringContent("a field"), "note" }, { Raw(File, "text/html"), "file", "page.html" } };
        var upload = await DeliveriesServer.ReadAsync<AttachmentInfo>(await UploadAsync("fo1", "fo", form));
        Assert.Equal(("page.html", "text/html", (long)File.Length), (upload.Name, upload.Type, upload.Size));
        using var served = await server.SendAsync(HttpMethod.Get, $"/api/attachments/{upload.Id}", server.Token("fo1"));
        Assert.Equal("application/octet-stream", served.Content.Headers.ContentType!.MediaType);

        using var empty = new MultipartFormDataContent { { new StringContent("only a field"), "note" } };
        Assert.Equal((400, "invalid"), await DeliveriesServer.RefusalAsync(await UploadAsync("fo1", "fo", empty)));
        Assert.Equal((400, "invalid"), await DeliveriesServer.RefusalAsync(await UploadAsync("fo1", "fo", Raw(Encoding.ASCII.GetBytes("no form at all"), "multipart/form-data; boundary=x"))));
        Assert.Equal((400, "invalid"), await DeliveriesServer.RefusalAsync(await UploadAsync("fo1", "fo", Raw([1], $"multipart/form-data; boundary={new string('x', 71)}"))));
        Assert.Equal((403, "forbidden"), await DeliveriesServer.RefusalAsync(await server.SendAsync(
            HttpMethod.Post, "/api/attachments?channel=not-mine", server.Token("fo1", new Grants(Channels: ["fo"])), Raw([1]))));
        Assert.Equal((400, "invalid"), await DeliveriesServer.RefusalAsync(await UploadAsync("fo1", "..%2F..", Raw([1]))));
        foreach (var id in new[] { "..", "%2e%2e%2fappsettings.json", new string('a', 31), "....................%2f...........", upload.Id[..^1] + "/" })
            Assert.Equal(HttpStatusCode.NotFound, (await server.SendAsync(HttpMethod.Get, $"/api/attachments/{id}", server.Token("fo1"))).StatusCode);
    }

    [Fact]
    public async Task Its_uploader_and_moderators_delete_it_and_nobody_else()
    {
        var (mine, his) = (await UploadedAsync("de1", "de", [1]), await UploadedAsync("de1", "de", [2]));
        await using (var author = await server.ConnectAsync("de1", grants: new Grants(Channels: ["de"])))
        {
            await author.InvokeAsync<HelloResult>("Hello", new HelloRequest());
            await author.InvokeAsync<SendMessageResult>("SendMessage", With("de", his.Id));
        }
        Assert.Equal(HttpStatusCode.NoContent, (await server.SendAsync(HttpMethod.Delete, $"/api/attachments/{mine.Id}", server.Token("de1"))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await server.SendAsync(HttpMethod.Delete, $"/api/attachments/{mine.Id}", server.Token("de1"))).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await server.SendAsync(HttpMethod.Delete, $"/api/attachments/{his.Id}", server.Token("de2"))).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await server.SendAsync(HttpMethod.Delete, $"/api/attachments/{his.Id}", server.Token("de3", new Grants(Channels: ["de"], Moderate: true)))).StatusCode);
    }

    [Fact]
    public async Task What_no_stored_message_refers_to_goes_and_what_one_does_stays()
    {
        var (orphan, claimed, kept) = (await UploadedAsync("or1", "or", [1]), await UploadedAsync("or1", "or", [2]), await UploadedAsync("or1", "or", [3]));
        // Claimed for a message that was never stored: its sender died, or was refused.
        await server.Service<AttachmentStore>(0).ClaimAsync("or", "or1", "never sent", [claimed.Id], default);
        await using (var author = await server.ConnectAsync("or1"))
        {
            await author.InvokeAsync<HelloResult>("Hello", new HelloRequest());
            await author.InvokeAsync<SendMessageResult>("SendMessage", With("or", kept.Id));
        }
        var files = server.Service<AttachmentFiles>(0);
        await server.Service<AttachmentSweeper>(0).SweepAsync(default);
        Assert.All([orphan, claimed, kept], one => Assert.NotNull(files.Find(one.Id)));
        // A day later.
        var tomorrow = DateTimeOffset.UtcNow.AddMinutes(1);
        await server.Service<AttachmentSweepStore>(0).MarkAsync(tomorrow, tomorrow, default);
        await server.Service<AttachmentSweeper>(1).SweepAsync(default);
        Assert.Equal((null, null), (files.Find(orphan.Id), files.Find(claimed.Id)));
        Assert.NotNull(files.Find(kept.Id));
        Assert.Equal(HttpStatusCode.NotFound, (await server.SendAsync(HttpMethod.Get, $"/api/attachments/{orphan.Id}", server.Token("or1"))).StatusCode);
    }

    [Theory]
    [InlineData(null, "file")]
    [InlineData("..", "file")]
    [InlineData("C:\\Windows\\system32\\cmd.exe", "cmd.exe")]
    [InlineData("a\0b\u200fc.txt", "abc.txt")]
    [InlineData("\u65e5\u672c\u8a9e.pdf", "\u65e5\u672c\u8a9e.pdf")]
    [InlineData("a\"; filename=\"b", "a; filename=b")]
    public void Names_lose_their_teeth(string? name, string clean) => Assert.Equal(clean, AttachmentNames.Clean(name));

    [Theory]
    [InlineData("IMAGE/PNG; charset=x", "image/png", "image/png")]
    [InlineData("text/html", "text/html", "application/octet-stream")]
    [InlineData("image/svg+xml", "image/svg+xml", "application/octet-stream")]
    [InlineData("nonsense", "application/octet-stream", "application/octet-stream")]
    [InlineData("a/b\r\nX: y", "application/octet-stream", "application/octet-stream")]
    public void Types_decide_nothing_dangerous(string type, string clean, string served)
    {
        Assert.Equal(clean, AttachmentNames.CleanType(type));
        Assert.Equal(served, AttachmentNames.ServedAs(AttachmentNames.CleanType(type)));
    }
}
