using Microsoft.Extensions.Options;
using Realtime.Contracts;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Errors;
using Realtime.Signaling.MediaControl;

namespace Realtime.Signaling.Whip;

/// <summary>
/// WHIP (RFC 9725) and WHEP (draft-ietf-wish-whep) as HTTP: an offer POSTed to <c>/whip/{room}</c>, <c>/whep/{room}</c> or <c>/whep/{room}/{participant or user}</c> opens a session,
/// whose URL takes PATCH (ICE) and DELETE.
/// </summary>
public static class WhipEndpoints
{
    const string EndpointMethods = "GET, HEAD, OPTIONS, POST";
    const string SessionMethods = "DELETE, GET, HEAD, OPTIONS, PATCH";
    const string AcceptPost = "Accept-Post";

    public static IHostApplicationBuilder AddWhip(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<WhipOptions>().BindConfiguration(WhipOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<WhipOptions>, WhipOptions.Validator>();
        services.AddSingleton<SessionIds>();
        services.AddSingleton<HttpSessions>();
        services.AddSingleton<RevokedSessions>();
        services.AddHostedService(static provider => provider.GetRequiredService<RevokedSessions>());
        return builder;
    }

    /// <summary>Before CORS, which answers preflights by itself: every answer to OPTIONS says what can be sent (RFC 9725 §4.2).</summary>
    public static void UseWhipDiscovery(this WebApplication app) => app.Use(static (http, next) =>
    {
        if (HttpMethods.IsOptions(http.Request.Method) && (http.Request.Path.StartsWithSegments("/whip") || http.Request.Path.StartsWithSegments("/whep")))
        {
            http.Response.Headers[AcceptPost] = SdpRequest.Sdp;
            http.Response.Headers["Accept-Patch"] = SdpRequest.Fragment;
        }
        return next(http);
    });

    public static void MapWhip(this WebApplication app)
    {
        MapEndpoint(app, "/whip/{room}", (http, room) => PostAsync(http, JoinedVia.Whip, room, null));
        MapEndpoint(app, "/whep/{room}", (http, room) => PostAsync(http, JoinedVia.Whep, room, null));
        MapEndpoint(app, "/whep/{room}/{participant}", (http, room) => PostAsync(http, JoinedVia.Whep, room, Route(http, "participant")));
        MapSession(app, JoinedVia.Whip);
        MapSession(app, JoinedVia.Whep);
    }

    static void MapEndpoint(WebApplication app, string path, Func<HttpContext, string, Task> post)
    {
        app.MapPost(path, http => post(http, Route(http, "room"))).RequireAuthorization();
        app.MapMethods(path, [HttpMethods.Options], OptionsAsync);
        // No representation is defined, so GET is a success without content; players find out by the type that this is WHEP.
        app.MapMethods(path, [HttpMethods.Get, HttpMethods.Head], static http =>
        {
            http.Response.ContentType = SdpRequest.Sdp;
            http.Response.ContentLength = 0;
            http.Response.Headers[AcceptPost] = SdpRequest.Sdp;
            return Task.CompletedTask;
        });
        app.Map(path, static http => NotAllowedAsync(http, EndpointMethods));
    }

    static void MapSession(WebApplication app, string via)
    {
        var path = $"/{via}/{{room}}/sessions/{{id}}";
        app.MapPatch(path, http => PatchAsync(http, Find(http, via))).RequireAuthorization();
        app.MapDelete(path, async http =>
        {
            var session = Find(http, via);
            await http.RequestServices.GetRequiredService<HttpSessions>().EndAsync(session, Token(http).User, http.RequestAborted);
            // 200 and not 204: what clients in the field compare with.
        }).RequireAuthorization();
        app.MapMethods(path, [HttpMethods.Get, HttpMethods.Head], http =>
        {
            Find(http, via);
            http.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        }).RequireAuthorization();
        app.MapMethods(path, [HttpMethods.Options], static http =>
        {
            http.Response.Headers.Allow = SessionMethods;
            return Task.CompletedTask;
        });
        app.Map(path, static http => NotAllowedAsync(http, SessionMethods));
    }

    static async Task PostAsync(HttpContext http, string via, string room, string? play)
    {
        var (request, response, token) = (http.Request, http.Response, Token(http));
        var sessions = http.RequestServices.GetRequiredService<HttpSessions>();
        if (!SdpRequest.HasType(request, SdpRequest.Sdp))
        {
            response.Headers[AcceptPost] = SdpRequest.Sdp;
            await Refusals.WriteAsync(http, StatusCodes.Status415UnsupportedMediaType, new(ErrorCode.Unsupported, $"The offer must be {SdpRequest.Sdp}.", "Content-Type"));
            return;
        }
        if (!SdpRequest.Accepts(request, SdpRequest.Sdp))
        {
            await Refusals.WriteAsync(http, StatusCodes.Status406NotAcceptable, new(ErrorCode.Unsupported, $"The answer is {SdpRequest.Sdp}.", "Accept"));
            return;
        }

        await sessions.AdmitAsync(token, via, room, play);
        var offer = await SdpRequest.ReadAsync(request, http.RequestServices.GetRequiredService<IOptionsMonitor<WhipOptions>>().CurrentValue.MaxOfferBytes, http.RequestAborted);
        if (offer.Length == 0)
            throw new RealtimeException(new(ErrorCode.Invalid, "An offer is needed.", "body"));
        var opened = await sessions.OpenAsync(token, via, room, play, offer, http.RequestAborted);
        response.StatusCode = StatusCodes.Status201Created;
        response.ContentType = SdpRequest.Sdp;
        // Relative to this server whatever name the client knows it by (RFC 9110 §10.2.2); every part is of URL-safe characters.
        response.Headers.Location = $"/{via}/{room}/sessions/{http.RequestServices.GetRequiredService<SessionIds>().Issue(opened.Session, token.User)}";
        response.Headers.ETag = $"\"{opened.Ufrag}\"";
        response.Headers["Accept-Patch"] = SdpRequest.Fragment;
        response.Headers.Link = Links(http, token);
        await response.WriteAsync(opened.Answer, http.RequestAborted);
    }

    static async Task PatchAsync(HttpContext http, HttpSession session)
    {
        var (request, response) = (http.Request, http.Response);
        if (!SdpRequest.HasType(request, SdpRequest.Fragment))
        {
            response.Headers["Accept-Patch"] = SdpRequest.Fragment;
            await Refusals.WriteAsync(http, StatusCodes.Status415UnsupportedMediaType, new(ErrorCode.Unsupported, $"The body must be {SdpRequest.Fragment}.", "Content-Type"));
            return;
        }
        if (!SdpRequest.TryReadCondition(request, out var tags))
        {
            await Refusals.WriteAsync(http, StatusCodes.Status428PreconditionRequired, new(ErrorCode.Invalid, "Say by If-Match which ICE session is meant, or * to restart ICE.", "If-Match"));
            return;
        }

        var text = await SdpRequest.ReadAsync(request, IceFragment.MaxBytes, http.RequestAborted);
        if (!IceFragment.TryRead(text, out var fragment, out var error))
            throw new RealtimeException(error);
        var result = await http.RequestServices.GetRequiredService<HttpSessions>().IceAsync(session, Token(http).User, tags, fragment, http.RequestAborted);
        if (!result.Matched)
        {
            await Refusals.WriteAsync(http, StatusCodes.Status412PreconditionFailed, new(ErrorCode.Conflict, "Another ICE session is current: restart ICE.", "If-Match"));
            return;
        }
        if (result.Fragment is null)
        {
            response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        response.ContentType = SdpRequest.Fragment;
        response.Headers.ETag = $"\"{result.Ufrag}\"";
        await response.WriteAsync(result.Fragment, http.RequestAborted);
    }

    /// <summary>Not a preflight. One who shows a token is told the servers here too: some clients must know them before they make an offer (RFC 9725 §4.6).</summary>
    static Task OptionsAsync(HttpContext http)
    {
        http.Response.Headers.Allow = EndpointMethods;
        if (TokenIdentity.Of(http.User) is { } token)
            http.Response.Headers.Link = Links(http, token);
        return Task.CompletedTask;
    }

    static Task NotAllowedAsync(HttpContext http, string allowed)
    {
        http.Response.Headers.Allow = allowed;
        return Refusals.WriteAsync(http, StatusCodes.Status405MethodNotAllowed, new(ErrorCode.Unsupported, $"Allowed here: {allowed}."));
    }

    static HttpSession Find(HttpContext http, string via) =>
        http.RequestServices.GetRequiredService<SessionIds>().TryRead(via, Route(http, "room"), Route(http, "id"), Token(http).User, out var session)
            ? session
            : throw new RealtimeException(new(ErrorCode.NotFound, "There is no such session, or it has ended."));

    static string[] Links(HttpContext http, UserToken token) => IceServerLinks.Of(http.RequestServices.GetRequiredService<TurnCredentials>().For(token.User));

    static UserToken Token(HttpContext http) => TokenIdentity.Of(http.User) ?? throw new RealtimeException(new(ErrorCode.Unauthenticated, "A valid token is needed."));

    static string Route(HttpContext http, string name) => (string)http.Request.RouteValues[name]!;
}
