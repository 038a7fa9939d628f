using Realtime.Signaling.Data;

namespace Realtime.Signaling.People;

/// <summary>Registers what concerns people: their events, presence, typing, friends, and the end of their sessions.</summary>
public static class PeopleSetup
{
    public static void AddPeople(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<UserNews>();
        services.AddSingleton<IOutboxConsumer>(static provider => provider.GetRequiredService<UserNews>());
    }
}
