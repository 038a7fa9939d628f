using Microsoft.AspNetCore.Mvc;
using Realtime.Contracts;
using Realtime.Signaling.MediaControl;
using Realtime.Signaling.RateLimits;
using Realtime.Signaling.Sessions;

namespace Realtime.Signaling.Hubs;

/// <summary>The calls about the connection itself.</summary>
public sealed partial class RealtimeHub
{
    [Limited(LimitName.Calls)]
    public Task<RefreshTokenResult> RefreshToken(RefreshTokenRequest request, [FromServices] TokenRefresh refresh) => refresh.RefreshAsync(Connection, request, Aborted);

    [Limited(LimitName.Calls)]
    public async Task<Done> ReportTransport(ReportTransportRequest request, [FromServices] TurnReports reports, [FromServices] RoomConduct conduct)
    {
        reports.Take(Session.User, request);
        await conduct.ReportTransportAsync(SessionService.Caller(Session, Connection.Token), request, Aborted);
        return new Done();
    }
}
