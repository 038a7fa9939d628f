using Microsoft.Extensions.Options;
using Realtime.Signaling.Data;

namespace Realtime.Signaling.Access;

/// <summary>Registers who may what in a channel, and what is done about it.</summary>
public static class AccessSetup
{
    public static void AddAccess(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<AccessStore>();
        services.AddSingleton<AuditLog>();
        services.AddSingleton<ModerationStore>();
        services.AddSingleton<ChannelAccess>();
        services.AddSingleton<IOutboxConsumer>(static provider => provider.GetRequiredService<ChannelAccess>());
        services.AddSingleton<AccessSweep>();
        services.AddHostedService(static provider => provider.GetRequiredService<AccessSweep>());
        services.AddSingleton<AccessEffects>();
        services.AddSingleton<IOutboxConsumer>(static provider => provider.GetRequiredService<AccessEffects>());
        services.AddSingleton<ModerationService>();
        services.AddSingleton<RoomModeration>();
        services.AddSingleton<ChannelStore>();
        services.AddSingleton<MemberStore>();
        services.AddSingleton<ChannelAdministration>();
        services.AddSingleton<AuditReader>();
        services.AddSingleton<ExportStore>();
        services.AddSingleton<ErasureStore>();
        services.AddSingleton<RetentionStore>();
        services.AddOptions<RetentionOptions>().BindConfiguration(RetentionOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<RetentionOptions>, RetentionOptions.Validator>();
        services.AddSingleton<IOutboxConsumer, RetentionNews>();
        services.AddHostedService<Erasure>();
        services.AddHostedService<Retention>();
        services.AddSingleton<AuditJournal>();
        services.AddSingleton<AuditLater>();
        services.AddHostedService(static provider => provider.GetRequiredService<AuditLater>());
        services.AddSingleton<DirectStore>();
        services.AddSingleton<DirectService>();
        services.AddSingleton<DirectDelivery>();
        services.AddSingleton<IOutboxConsumer>(static provider => provider.GetRequiredService<DirectDelivery>());
        services.AddHostedService(static provider => provider.GetRequiredService<DirectDelivery>());
    }
}
