using System.Net.Http.Headers;
using System.Security.Authentication;
using System.Text;
using Microsoft.Extensions.Options;
using Realtime.ServiceDefaults.Faults;
using Realtime.Signaling.Auth;

namespace Realtime.Signaling.Webhooks;

/// <summary>Makes one attempt. What the receiver does, however odd, is an outcome; only our own bugs throw.</summary>
public sealed class WebhookSender : IDisposable
{
    const string UserAgent = "Realtime-Webhooks/1";

    /// <summary>Of an answer; the rest is not read. None of it is kept.</summary>
    const int MaxAnswerBytes = 4096;

    readonly SecretBox _secrets;
    readonly IOptionsMonitor<WebhookOptions> _options;
    readonly TimeProvider _time;
    readonly HttpClient _http;

    public WebhookSender(SecretBox secrets, IOptionsMonitor<WebhookOptions> options, TimeProvider time)
    {
        (_secrets, _options, _time) = (secrets, options, time);
        _http = GuardedConnect.NewClient(options);
    }

    public async Task<DeliveryOutcome> SendAsync(ClaimedDelivery delivery, CancellationToken stopping)
    {
        await FaultPoint.HitAsync("webhooks", "send", room: delivery.Endpoint, cancellation: stopping);
        if (delivery.Payload is not { } payload)
            return new DeliveryOutcome(false, null, "the payload is gone");
        var keys = new List<byte[]>(WebhookEndpoint.MaxSecrets);
        foreach (var closed in delivery.Secrets)
        {
            if (_secrets.TryOpen(closed, delivery.Endpoint, out var secret, out _) && StandardWebhook.TryReadSecret(secret, out var key))
                keys.Add(key);
        }
        if (keys.Count == 0)
            return new DeliveryOutcome(false, null, "no secret can be read: was Protection:Secret changed?");
        if (WebhookUrl.Check(delivery.Url, _options.CurrentValue, out var url) is not null || url is null)
            return new DeliveryOutcome(false, null, "address refused");
        using var request = Request(url, delivery.Event, Encoding.UTF8.GetBytes(payload), keys);
        using var deadline = new CancellationTokenSource(_options.CurrentValue.Timeout, _time);
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(stopping, deadline.Token);
        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, bounded.Token);
            await ReadSomeAsync(response, bounded.Token);
            var status = (int)response.StatusCode;
            return new DeliveryOutcome(response.IsSuccessStatusCode, status, response.IsSuccessStatusCode ? null : $"answered {status}", WishOf(response.Headers.RetryAfter));
        }
        catch (Exception failure) when (!stopping.IsCancellationRequested && failure is HttpRequestException or IOException or OperationCanceledException or AuthenticationException)
        {
            return new DeliveryOutcome(false, null, Describe(failure));
        }
    }

    HttpRequestMessage Request(Uri url, string eventId, byte[] body, IReadOnlyList<byte[]> keys)
    {
        var now = _time.GetUtcNow();
        var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } } };
        request.Headers.TryAddWithoutValidation("User-Agent", UserAgent);
        request.Headers.Add(StandardWebhook.IdHeader, eventId);
        request.Headers.Add(StandardWebhook.TimestampHeader, StandardWebhook.Seconds(now));
        request.Headers.TryAddWithoutValidation(StandardWebhook.SignatureHeader, StandardWebhook.Sign(keys, eventId, now, body));
        return request;
    }

    /// <summary>A short answer is read to its end, so that the connection can be used again; of a long one the rest is left.</summary>
    static async Task ReadSomeAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        var buffer = new byte[MaxAnswerBytes];
        await using var body = await response.Content.ReadAsStreamAsync(cancellation);
        await body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation);
    }

    TimeSpan? WishOf(RetryConditionHeaderValue? header) => header?.Delta ?? (header?.Date is { } date && date > _time.GetUtcNow() ? date - _time.GetUtcNow() : null);

    static string Describe(Exception failure)
    {
        for (var cause = failure; cause is not null; cause = cause.InnerException)
        {
            if (cause is AddressRefusedException)
                return "address refused";
        }
        return failure switch
        {
            OperationCanceledException => "no answer in time",
            HttpRequestException http => $"no answer ({http.HttpRequestError})",
            _ => $"no answer ({failure.GetType().Name})",
        };
    }

    public void Dispose() => _http.Dispose();
}
