using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Realtime.Contracts;
using Realtime.Contracts.MediaControl;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Errors;

namespace Realtime.Signaling.MediaControl;

/// <summary>
/// Commands to one media node: 1 s per attempt, through the node's own circuit, tried twice with the same command id (the node answers a
/// repeated id with its first answer). A refusal of the node, its own faults included, is the caller's
/// <see cref="RealtimeException"/> and no failure of the circuit.
/// </summary>
public sealed partial class MediaNode(string node, HttpClient http, ServiceToken token, CircuitBreaker circuit, TimeSpan timeout)
{
    /// <summary>Answers are small but for SDP; more than this is no answer of ours.</summary>
    const int MaxAnswerBytes = 1 << 20;

    public string Node { get; } = node;

    public Task<JoinPeerResult> JoinAsync(JoinPeerCommand command, CancellationToken cancellation) =>
        SendAsync<JoinPeerCommand, JoinPeerResult>(MediaRoutes.Join, command, cancellation);

    public Task<NegotiatePeerResult> NegotiateAsync(NegotiatePeerCommand command, CancellationToken cancellation) =>
        SendAsync<NegotiatePeerCommand, NegotiatePeerResult>(MediaRoutes.Negotiate, command, cancellation);

    public Task<OpenPeerResult> OpenAsync(OpenPeerCommand command, CancellationToken cancellation) =>
        SendAsync<OpenPeerCommand, OpenPeerResult>(MediaRoutes.Open, command, cancellation);

    public Task<IcePeerResult> IceAsync(IcePeerCommand command, CancellationToken cancellation) =>
        SendAsync<IcePeerCommand, IcePeerResult>(MediaRoutes.Ice, command, cancellation);

    public Task SetTrackAsync(SetTrackCommand command, CancellationToken cancellation) =>
        SendAsync<SetTrackCommand, JsonElement>(MediaRoutes.SetTrack, command, cancellation);

    public Task SubscribeAsync(SubscribeCommand command, CancellationToken cancellation) =>
        SendAsync<SubscribeCommand, JsonElement>(MediaRoutes.Subscribe, command, cancellation);

    public Task LeaveAsync(LeavePeerCommand command, CancellationToken cancellation) =>
        SendAsync<LeavePeerCommand, JsonElement>(MediaRoutes.Leave, command, cancellation);

    public Task DrainAsync(DrainCommand command, CancellationToken cancellation) =>
        SendAsync<DrainCommand, JsonElement>(MediaRoutes.Drain, command, cancellation);

    public Task RetireRoomAsync(RetireRoomCommand command, CancellationToken cancellation) =>
        SendAsync<RetireRoomCommand, JsonElement>(MediaRoutes.RetireRoom, command, cancellation);

    public Task<RelayResult> RelayAsync(RelayCommand command, CancellationToken cancellation) =>
        SendAsync<RelayCommand, RelayResult>(MediaRoutes.Relay, command, cancellation);

    public Task RenewAsync(RenewCommand command, CancellationToken cancellation) =>
        SendAsync<RenewCommand, JsonElement>(MediaRoutes.Renew, command, cancellation);

    /// <summary>The node's crash reports after those of an earlier page.</summary>
    public async Task<CrashPage> CrashesAsync(string after, CancellationToken cancellation)
    {
        try
        {
            return await circuit.ExecuteAsync(async token =>
            {
                using var request = Request(HttpMethod.Get, $"/admin/crashes?after={Uri.EscapeDataString(after)}");
                using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token);
                if (!response.IsSuccessStatusCode || response.Content.Headers.ContentLength > MaxAnswerBytes)
                    throw new HttpRequestException($"{Node} answered with {(int)response.StatusCode}.");
                return await response.Content.ReadFromJsonAsync<CrashPage>(ContractsJson.Options, token) ?? throw new HttpRequestException($"{Node} answered with nothing.");
            }, cancellation, timeout);
        }
        catch (Exception failure) when (failure is CircuitOpenException || IsTransportFailure(failure, cancellation))
        {
            throw new RealtimeException(new(ErrorCode.Unavailable, $"The media node {Node} does not answer.", RetryAfterMs: 1000), failure);
        }
    }

    /// <summary>An operator's question about the node itself; neither tried again nor counted by the circuit.</summary>
    public Task<HttpResponseMessage> OperateAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        request.Version = HttpVersion.Version20;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Get());
        return http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
    }

    /// <summary>Opens the event stream. The caller reads lines until it ends; headers must come within <paramref name="within"/>.</summary>
    public async Task<HttpResponseMessage> OpenEventsAsync(TimeSpan within, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(within);
        using var request = Request(HttpMethod.Get, MediaRoutes.Events);
        var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, deadline.Token);
        if (response.IsSuccessStatusCode)
            return response;
        var status = (int)response.StatusCode;
        response.Dispose();
        throw new HttpRequestException($"{Node} refused its event stream with {status}.");
    }

    async Task<TAnswer> SendAsync<TCommand, TAnswer>(string route, TCommand command, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var reply = await circuit.ExecuteAsync(token => AttemptAsync<TCommand, TAnswer>(route, command, token), cancellation, timeout);
                return reply.Refusal is { } refusal ? throw new RealtimeException(refusal) : reply.Answer!;
            }
            catch (CircuitOpenException open)
            {
                throw new RealtimeException(new(ErrorCode.Unavailable, $"The media node {Node} does not answer.", RetryAfterMs: Math.Max(500, (int)open.RetryAfter.TotalMilliseconds)), open);
            }
            catch (Exception failure) when (IsTransportFailure(failure, cancellation))
            {
                if (attempt < 2)
                    continue;
                // The commands are idempotent: whatever became of this one, the same call may be made again.
                throw new RealtimeException(new(ErrorCode.UnknownOutcome, $"The media node {Node} did not answer in time.", RetryAfterMs: 1000), failure);
            }
        }
    }

    async ValueTask<(TAnswer? Answer, RealtimeError? Refusal)> AttemptAsync<TCommand, TAnswer>(string route, TCommand command, CancellationToken cancellation)
    {
        using var request = Request(HttpMethod.Post, route);
        request.Content = JsonContent.Create(command, options: ContractsJson.Options);
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        if (response.Content.Headers.ContentLength > MaxAnswerBytes)
            throw new HttpRequestException($"{Node} answered {route} with too much.");
        if (response.IsSuccessStatusCode)
        {
            var answer = await response.Content.ReadFromJsonAsync<TAnswer>(ContractsJson.Options, cancellation);
            return (answer ?? throw new HttpRequestException($"{Node} answered {route} with nothing."), null);
        }

        // Also with 500: a command that failed in the node, and was contained and reported there, is an answer. Somebody whose commands always fail must not take the node from all others.
        var isReason = response.StatusCode is <= HttpStatusCode.InternalServerError and not HttpStatusCode.Unauthorized && response.Content.Headers.ContentType?.MediaType == "application/json";
        var refusal = isReason ? await response.Content.ReadFromJsonAsync<RealtimeError>(ContractsJson.Options, cancellation) : null;
        return (default, refusal is { Code.Length: > 0 } ? refusal : throw new HttpRequestException($"{Node} answered {route} with {(int)response.StatusCode} and no reason.", null, response.StatusCode));
    }

    HttpRequestMessage Request(HttpMethod method, string route)
    {
        var request = new HttpRequestMessage(method, route)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Get());
        return request;
    }

    static bool IsTransportFailure(Exception failure, CancellationToken cancellation) =>
        failure is HttpRequestException or TimeoutException or IOException or JsonException
        || (failure is OperationCanceledException && !cancellation.IsCancellationRequested);
}
