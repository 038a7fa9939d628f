using Microsoft.Extensions.Options;

namespace Realtime.Signaling.Attachments;

/// <summary>Wires attachments.</summary>
public static class AttachmentSetup
{
    public static void AddAttachments(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<AttachmentOptions>().BindConfiguration(AttachmentOptions.Section).ValidateOnStart();
        services.AddSingleton<IPostConfigureOptions<AttachmentOptions>, AttachmentOptions.Defaults>();
        services.AddSingleton<IValidateOptions<AttachmentOptions>, AttachmentOptions.Validator>();
        services.AddSingleton<AttachmentAccess>();
        services.AddSingleton<AttachmentStore>();
        services.AddSingleton<AttachmentSweepStore>();
        services.AddSingleton<MessageUploads>();
        services.AddSingleton<AttachmentFiles>();
        services.AddSingleton<AttachmentUploads>();
        services.AddSingleton<AttachmentSweeper>();
        services.AddHostedService(static provider => provider.GetRequiredService<AttachmentSweeper>());
    }
}
