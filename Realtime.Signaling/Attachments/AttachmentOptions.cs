using Microsoft.Extensions.Options;

namespace Realtime.Signaling.Attachments;

/// <summary>Section <c>Attachments</c>; defaults from design §4, rows "message" and "uploads".</summary>
public sealed class AttachmentOptions
{
    public const string Section = "Attachments";

    /// <summary>Where the files are; replicas that serve the same people share it. Default: <c>.realtime/attachments</c> under the content root.</summary>
    public string Directory { get; set; } = "";

    /// <summary>Of one file.</summary>
    public long MaxBytes { get; set; } = 100L * 1024 * 1024;

    /// <summary>Of a user's uploads of one day (UTC); what was received counts, also of an upload that broke off.</summary>
    public long BytesPerUserAndDay { get; set; } = 1024L * 1024 * 1024;

    /// <summary>Share of the disk that stays free; below it uploads are refused.</summary>
    public double MinFreeDisk { get; set; } = 0.1;

    /// <summary>Uploads at once of one user, and of this replica; more are refused with <c>rateLimited</c> and <c>unavailable</c>.</summary>
    public int UploadsPerUser { get; set; } = 4;

    public int Uploads { get; set; } = 64;

    /// <summary>A file no message refers to goes after this.</summary>
    public TimeSpan OrphanAfter { get; set; } = TimeSpan.FromHours(24);

    internal sealed class Defaults(IHostEnvironment environment) : IPostConfigureOptions<AttachmentOptions>
    {
        public void PostConfigure(string? name, AttachmentOptions options)
        {
            if (options.Directory.Length == 0)
                options.Directory = Path.Combine(environment.ContentRootPath, ".realtime", "attachments");
        }
    }

    internal sealed class Validator : IValidateOptions<AttachmentOptions>
    {
        public ValidateOptionsResult Validate(string? name, AttachmentOptions options)
        {
            var mistakes = new List<string>();
            if (options.MaxBytes is < 1 or > 16L * 1024 * 1024 * 1024)
                mistakes.Add("Attachments:MaxBytes must be between 1 byte and 16 GB.");
            if (options.BytesPerUserAndDay < options.MaxBytes)
                mistakes.Add("Attachments:BytesPerUserAndDay must be at least Attachments:MaxBytes.");
            if (options.MinFreeDisk is < 0 or >= 1 or double.NaN)
                mistakes.Add("Attachments:MinFreeDisk is a share: at least 0 and less than 1.");
            if (options.UploadsPerUser < 1 || options.Uploads < options.UploadsPerUser)
                mistakes.Add("Attachments:UploadsPerUser must be positive and at most Attachments:Uploads.");
            if (options.OrphanAfter < TimeSpan.FromMinutes(10))
                mistakes.Add("Attachments:OrphanAfter must be at least 10 minutes: a message refers to its uploads after they were made.");
            return mistakes.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(mistakes);
        }
    }
}
