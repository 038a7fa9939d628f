using Microsoft.AspNetCore.Builder;

namespace Realtime.ServiceDefaults.Http;

/// <summary>Response headers for every answer of a service: no sniffing, no framing by others, no referrer with ids in it.</summary>
public static class SecurityHeaders
{
    public static WebApplication UseSecurityHeaders(this WebApplication app)
    {
        app.Use(static (http, next) =>
        {
            var headers = http.Response.Headers;
            headers.XContentTypeOptions = "nosniff";
            headers.XFrameOptions = "DENY";
            // A WebSocket is no page, and its answer's headers are kept as long as it.
            if (string.Equals(http.Request.Headers.Upgrade, "websocket", StringComparison.OrdinalIgnoreCase))
                return next(http);
            headers["Referrer-Policy"] = "no-referrer";
            headers["Cross-Origin-Opener-Policy"] = "same-origin";
            return next(http);
        });
        return app;
    }
}
