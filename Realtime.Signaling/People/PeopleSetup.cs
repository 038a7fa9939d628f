using Realtime.Signaling.Data;

namespace Realtime.Signaling.People;

/// <summary>Registers what concerns people: their events, presence, typing, friends, and the end of their sessions.</summary>
public static class PeopleSetup
{
    public static void AddPeople(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<FriendStore>();
        services.AddSingleton<UserNews>();
        services.AddSingleton<PresenceService>();
        services.AddSingleton<TypingService>();
        services.AddSingleton<FriendService>();
        services.AddSingleton<PeopleCalls>();
        AddLoop<FriendIndex>(services);
        AddLoop<PresenceTeller>(services);
        AddLoop<PresenceKeeper>(services);
        AddLoop<PresenceSweeper>(services);
        AddLoop<TypingSweeper>(services);
        AddLoop<SessionEnd>(services);
        services.AddSingleton<VoiceStore>();
        AddLoop<VoiceSweeper>(services);
        services.AddSingleton<IOutboxConsumer>(static provider => provider.GetRequiredService<UserNews>());
        services.AddSingleton<IOutboxConsumer>(static provider => provider.GetRequiredService<PresenceService>());
        services.AddSingleton<IOutboxConsumer>(static provider => provider.GetRequiredService<FriendIndex>());
    }

    static void AddLoop<T>(IServiceCollection services) where T : class, IHostedService
    {
        services.AddSingleton<T>();
        services.AddHostedService(static provider => provider.GetRequiredService<T>());
    }
}
