using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Realtime.Contracts;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Data;

namespace Realtime.Signaling.Admin;

/// <summary>What the console needs of every replica: a report of each, and that questions reach the one they are meant for.</summary>
public static class ConsoleSetup
{
    public static void AddConsole(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<ReplicaReports>();
        builder.Services.AddSingleton<OperatorForward>();
    }

    /// <summary>After authorization.</summary>
    public static void UseOperatorForward(this WebApplication app)
    {
        var forward = app.Services.GetRequiredService<OperatorForward>();
        app.Use((http, next) => http.Request.Path.StartsWithSegments(BearerHandler.HubPath) ? next(http) : ForwardAsync(http, next));
        var self = app.Services.GetRequiredService<ReplicaIdentity>();
        app.Lifetime.ApplicationStarted.Register(() =>
        {
            if (app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() is { } listens)
                self.ListensAt(Reachable(listens));
        });

        async Task ForwardAsync(HttpContext http, RequestDelegate next)
        {
            if (!await forward.TryAsync(http))
                await next(http);
        }
    }

    public static void MapConsole(this IEndpointRouteBuilder app)
    {
        app.MapLimits();
        app.MapGet("/api/admin/replica", (ReplicaReports reports) => Results.Json(reports.Take(), ContractsJson.Options)).RequireAuthorization(Policies.Admin).Produces<ReplicaReport>().WithSummary("This replica at this moment");
    }

    /// <summary>Who listens at every address is reached at the machine's own.</summary>
    internal static string Reachable(string listens)
    {
        var address = BindingAddress.Parse(listens);
        var isAny = address.Host is "*" or "+" || (IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) && (ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any)));
        return $"{address.Scheme}://{(isAny ? Own()?.ToString() ?? "127.0.0.1" : address.Host)}:{address.Port}";
    }

    static IPAddress? Own() => NetworkInterface.GetAllNetworkInterfaces()
        .Where(static one => one.OperationalStatus == OperationalStatus.Up && one.NetworkInterfaceType != NetworkInterfaceType.Loopback)
        .SelectMany(static one => one.GetIPProperties().UnicastAddresses)
        .Select(static one => one.Address)
        .FirstOrDefault(static one => one.AddressFamily == AddressFamily.InterNetwork);
}
