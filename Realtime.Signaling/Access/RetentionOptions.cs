using Microsoft.Extensions.Options;

namespace Realtime.Signaling.Access;

/// <summary>
/// Section <c>Retention</c>: how long things are kept (design §4). Channels may say otherwise for their messages; the outbox has <c>Database:OutboxRetention</c>; the audit log is
/// kept for ever, which is why there is no key for it.
/// </summary>
public sealed class RetentionOptions
{
    public const string Section = "Retention";

    /// <summary>Messages of channels that do not say otherwise. Null (default): for ever.</summary>
    public TimeSpan? Messages { get; set; }

    public TimeSpan CrashReports { get; set; } = TimeSpan.FromDays(90);

    /// <summary>That somebody was kicked and has not come back: so long an old session cannot bring them back in.</summary>
    public TimeSpan Kicks { get; set; } = TimeSpan.FromDays(30);

    internal sealed class Validator : IValidateOptions<RetentionOptions>
    {
        public ValidateOptionsResult Validate(string? name, RetentionOptions options)
        {
            var mistakes = new List<string>();
            if (options.Messages < TimeSpan.FromMinutes(1))
                mistakes.Add("Retention:Messages must be at least a minute.");
            if (options.CrashReports < TimeSpan.FromHours(1))
                mistakes.Add("Retention:CrashReports must be at least an hour.");
            if (options.Kicks < TimeSpan.FromHours(1))
                mistakes.Add("Retention:Kicks must be at least an hour.");
            return mistakes.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(mistakes);
        }
    }
}
