using Microsoft.Extensions.Options;
using Realtime.Media.Control;
using Realtime.Media.Dtls;
using Realtime.Media.Isolation;
using Realtime.Media.Peers;
using Realtime.Media.Sdp;
using Realtime.ServiceDefaults.CrashSafety;

namespace Realtime.Media.Hosting;

/// <summary>Puts the node together.</summary>
static class MediaServices
{
    public static void AddMedia(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<MediaOptions>().BindConfiguration(MediaOptions.Section).PostConfigure<IHostEnvironment>(Default).ValidateOnStart();
        services.AddSingleton<IValidateOptions<MediaOptions>, MediaOptionsValidator>();
        services.AddSingleton(provider => provider.GetRequiredService<IOptions<MediaOptions>>().Value);
        services.AddSingleton(provider => new NodeIdentity(provider.GetRequiredService<MediaOptions>().Node, Guid.CreateVersion7().ToString("N")));
        services.AddSingleton<Drain>();
        services.AddSingleton<EventFeed>();
        services.AddSingleton<JoinTraces>();
        services.AddSingleton<CommandCache>();
        services.AddSingleton(static provider => provider.GetRequiredService<MediaOptions>().Capacity);
        services.AddSingleton(static provider => new DrainLimit(provider.GetRequiredService<MediaOptions>().DrainTimeout));
        services.AddSingleton<ForwardingStatistics>();
        services.AddSingleton(static provider =>
        {
            var options = provider.GetRequiredService<MediaOptions>();
            return new RoomParts(options.WorkerCount, options.RoomPeersPerWorker);
        });
        services.AddSingleton(static provider => new RoomRelays(
            provider.GetRequiredService<WorkerFleet>(), provider.GetRequiredService<RoomParts>(), provider.GetRequiredService<MediaOptions>().Bind,
            provider.GetRequiredService<MediaOptions>().Announced is [var first, ..] ? first.Local ?? first.Public : null, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<NodeStatistics>();
        services.AddSingleton<MediaCommands>();
        services.AddSingleton<RoomCommands>();
        services.AddSingleton<MediaMetrics>();
        services.AddSingleton(CreateFleet);
        services.AddSingleton(provider => new EventStream(
            provider.GetRequiredService<EventFeed>(), provider.GetRequiredService<MediaCommands>(), provider.GetRequiredService<NodeIdentity>(),
            provider.GetRequiredService<WorkerFleet>()));
        services.AddSingleton(provider => new ServiceGate(
            provider.GetRequiredService<MediaOptions>().Node, provider.GetRequiredService<MediaOptions>().ControlSecret, provider.GetRequiredService<TimeProvider>()));
        services.AddHostedService<WorkerFleetService>();
        services.AddHostedService<NodeHeartbeat>();
        services.AddHostedService<DrainKeeper>();
        services.AddHostedService<Rehearsal>();
        services.AddHostedService<CircuitFeed>();
        builder.WebHost.ConfigureKestrel(Listeners.Configure);
    }

    static void Default(MediaOptions options, IHostEnvironment environment)
    {
        if (options.AnnouncedAddresses.Length == 0 && environment.IsDevelopment()) options.AnnouncedAddresses = "127.0.0.1";
    }

    static WorkerFleet CreateFleet(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<MediaOptions>();
        var feed = provider.GetRequiredService<EventFeed>();
        var joins = provider.GetRequiredService<JoinTraces>();
        // The relays know the fleet: they are asked for when it tells something.
        var relays = new Lazy<RoomRelays>(provider.GetRequiredService<RoomRelays>);
        var certificate = NodeCertificate.Create(provider.GetRequiredService<TimeProvider>());
        var context = new DtlsContext(certificate);
        if (!Fingerprint.TryParse($"{DtlsFingerprint.Algorithm} {certificate.Fingerprint}", out var fingerprint))
            throw new InvalidOperationException("The node's own fingerprint cannot be read.");
        var fleet = new FleetOptions(options.WorkerCount, options.UdpEndPoint, options.TcpEndPoint) { Edge = options.Edge, Circuits = provider.GetRequiredService<CircuitRegistry>() };
        return new WorkerFleet(
            fleet, provider.GetRequiredService<Supervisor>(),
            (udp, tcp) => new PeerEnvironment(context, fingerprint, NodeCandidates.Of(options.Announced, udp, tcp)),
            (worker, e) =>
            {
                relays.Value.Heard(worker, e);
                joins.Heard(e);
                feed.Publish(worker, e);
            });
    }
}
