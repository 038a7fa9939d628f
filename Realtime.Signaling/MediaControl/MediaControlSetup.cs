using Microsoft.Extensions.Options;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Data;
using Realtime.Signaling.Rooms;

namespace Realtime.Signaling.MediaControl;

/// <summary>Wires rooms and media nodes. Needs <see cref="IPlacementStore"/>, <see cref="IPendingLeaves"/>, <see cref="ISessionOutput"/> and <see cref="ISessionRooms"/> from the adapters.</summary>
public static class MediaControlSetup
{
    public static IHostApplicationBuilder AddMediaControl(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<IValidateOptions<MediaControlOptions>, MediaControlOptions.Validator>();
        services.AddOptions<MediaControlOptions>().BindConfiguration(MediaControlOptions.Section).ValidateOnStart();
        services.AddOptions<TurnOptions>().BindConfiguration(TurnOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<TurnOptions>, TurnOptions.Validator>();
        services.AddSingleton<NodeDirectory>();
        services.AddSingleton<MediaNodes>();
        services.AddSingleton<LocalParticipants>();
        services.AddSingleton<RoomEventRouter>();
        services.AddSingleton<RoomPlacer>();
        services.AddSingleton<RoomLinks>();
        services.AddSingleton<TurnServers>();
        services.AddSingleton<TurnCredentials>();
        services.AddSingleton<TurnReports>();
        services.AddHostedService<TurnProbe>();
        services.AddSingleton<RoomService>();
        services.AddSingleton<RoomConduct>();
        services.AddSingleton<RoomStates>();
        services.AddSingleton<PeerCircuits>();
        services.AddOptions<RoomOptions>().BindConfiguration(RoomOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<RoomOptions>, RoomOptions.Validator>();
        services.AddSingleton<RoomMover>();
        services.AddHostedService(static provider => provider.GetRequiredService<RoomMover>());
        services.AddSingleton<LeaseKeeper>();
        services.AddHostedService(static provider => provider.GetRequiredService<LeaseKeeper>());
        services.AddSingleton<IOutboxConsumer, PlacementNews>();
        services.AddSingleton<LeaveQueue>();
        services.AddHostedService(static provider => provider.GetRequiredService<LeaveQueue>());
        services.AddSingleton<LeaveSweeper>();
        services.AddHostedService(static provider => provider.GetRequiredService<LeaveSweeper>());
        // One stream a node: the nodes are configuration, so the services are made from it.
        var options = builder.Configuration.GetSection(MediaControlOptions.Section).Get<MediaControlOptions>() ?? new MediaControlOptions();
        foreach (var name in options.NodeNames)
        {
            services.AddSingleton<IHostedService>(provider => new NodeEventStream(
                provider.GetRequiredService<MediaNodes>()[name], provider.GetRequiredService<NodeDirectory>(), provider.GetRequiredService<RoomEventRouter>(),
                provider.GetRequiredService<RoomMover>(), provider.GetRequiredService<LeaseKeeper>(), provider.GetRequiredService<IOptions<MediaControlOptions>>(), provider.GetRequiredService<Supervisor>(),
                provider.GetRequiredService<ILogger<NodeEventStream>>()));
        }

        return builder;
    }
}
