using System.Net.Http.Headers;
using Realtime.Contracts;
using Realtime.ServiceDefaults.Diagnostics;
using Realtime.Signaling.Access;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Data;
using Realtime.Signaling.Errors;
using Realtime.Signaling.MediaControl;

namespace Realtime.Signaling.Admin;

/// <summary>
/// Operators' questions about one process reach it whichever replica a balancer gave them to: <c>?replica=NAME</c> goes on to that replica (which judges the token itself), <c>?node=NAME</c> to
/// that media node, which knows only services, so the operator is judged and recorded here. Addresses come from the replicas' own heartbeats and the configuration, never from the request.
/// </summary>
public sealed class OperatorForward(ReplicaStore replicas, ReplicaIdentity self, MediaNodes nodes, AuditLater audit) : IDisposable
{
    /// <summary>Set on what was passed on once: it is never passed on again.</summary>
    const string Forwarded = "X-Realtime-Forwarded";

    const int MaxBody = 64 * 1024;

    static readonly TimeSpan HeadersWithin = TimeSpan.FromSeconds(5);

    /// <summary>What is about one process; everything else is the same everywhere.</summary>
    static readonly PathString[] OfReplicas = ["/admin", "/api/admin/replica", "/api/actions", "/api/limits", "/metrics/socket", "/health/socket", "/status/circuit-breakers"];
    static readonly PathString[] OfNodes = ["/admin/debug", "/admin/profile", "/admin/faults", "/api/actions", "/status/circuit-breakers"];

    readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false, ConnectTimeout = TimeSpan.FromSeconds(2) }) { Timeout = Timeout.InfiniteTimeSpan };

    /// <returns>False: the request is for this replica.</returns>
    public async Task<bool> TryAsync(HttpContext http)
    {
        var (replica, node) = (http.Request.Query["replica"].ToString(), http.Request.Query["node"].ToString());
        if (replica.Length + node.Length == 0 || TokenIdentity.Of(http.User)?.Grants.AllowsAdmin() != true)
            return false; // Who may not is refused by the endpoint itself.
        if (node.Length > 0)
        {
            if (!IsAbout(http, OfNodes))
                return false;
            await ToNodeAsync(http, node);
            return true;
        }
        if (replica == self.Name || !IsAbout(http, OfReplicas))
            return false;
        var address = http.Request.Headers.ContainsKey(Forwarded) ? null : replicas.Peers.FirstOrDefault(peer => peer.Name == replica)?.Address;
        if (address is null)
            throw new RealtimeException(new(ErrorCode.NotFound, "That replica is not known, or cannot be reached from here.", "replica"));
        using var request = await RequestAsync(http, new Uri(new Uri(address), http.Request.Path + http.Request.QueryString));
        request.Headers.TryAddWithoutValidation("Authorization", http.Request.Headers.Authorization.ToString());
        await PassAsync(http, token => _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token), replica);
        return true;
    }

    public void Dispose() => _http.Dispose();

    static bool IsAbout(HttpContext http, PathString[] paths) => Array.Exists(paths, path => http.Request.Path.StartsWithSegments(path));

    async Task ToNodeAsync(HttpContext http, string name)
    {
        if (!nodes.TryGet(name, out var node))
            throw new RealtimeException(new(ErrorCode.NotFound, "There is no such node.", "node"));
        audit.CheckRoom();
        using var request = await RequestAsync(http, new Uri(http.Request.Path + http.Request.QueryString.ToString(), UriKind.Relative));
        await PassAsync(http, token => node.OperateAsync(request, token), name);
        if (!HttpMethods.IsGet(http.Request.Method))
            await audit.RecordAsync(new AuditRecord(TokenIdentity.Of(http.User)!.User, ActionOf(http.Request.Path), Target: name));
    }

    static string ActionOf(PathString path) =>
        path.StartsWithSegments("/admin/debug") ? DiagnosticEndpoints.DebugSwitched : path.StartsWithSegments("/admin/profile") ? DiagnosticEndpoints.ProfileCaptured : AuditAction.FaultsChanged;

    static async Task<HttpRequestMessage> RequestAsync(HttpContext http, Uri target)
    {
        var buffer = new byte[MaxBody + 1];
        var length = await http.Request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, http.RequestAborted);
        if (length > MaxBody)
            throw new RealtimeException(new(ErrorCode.TooLarge, $"At most {MaxBody} bytes."));
        var request = new HttpRequestMessage(new HttpMethod(http.Request.Method), target);
        request.Headers.Add(Forwarded, "1");
        if (length > 0)
        {
            request.Content = new ByteArrayContent(buffer, 0, length);
            request.Content.Headers.ContentType = MediaTypeHeaderValue.TryParse(http.Request.ContentType, out var type) ? type : null;
        }
        return request;
    }

    static async Task PassAsync(HttpContext http, Func<CancellationToken, Task<HttpResponseMessage>> send, string name)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        deadline.CancelAfter(HeadersWithin);
        HttpResponseMessage response;
        try
        {
            response = await send(deadline.Token);
        }
        catch (Exception failure) when (failure is HttpRequestException || (failure is OperationCanceledException && !http.RequestAborted.IsCancellationRequested))
        {
            throw new RealtimeException(new(ErrorCode.Unavailable, $"{name} does not answer.", RetryAfterMs: 1000), failure);
        }
        using (response)
        {
            http.Response.StatusCode = (int)response.StatusCode;
            http.Response.ContentType = response.Content.Headers.ContentType?.ToString();
            if (response.Content.Headers.ContentDisposition is { } disposition)
                http.Response.Headers.ContentDisposition = disposition.ToString();
            await response.Content.CopyToAsync(http.Response.Body, http.RequestAborted);
        }
    }
}
