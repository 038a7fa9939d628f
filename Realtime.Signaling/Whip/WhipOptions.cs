using Microsoft.Extensions.Options;

namespace Realtime.Signaling.Whip;

/// <summary>Section <c>Whip</c>: the bounds of sessions over HTTP. Counted as this replica knows the nodes, so a burst over several replicas may exceed them by what is under way.</summary>
public sealed class WhipOptions
{
    public const string Section = "Whip";

    /// <summary>An offer of two sections from Chromium has about 12 KB, one of OBS 3 KB.</summary>
    public int MaxOfferBytes { get; set; } = 64 * 1024;

    /// <summary>WHIP and WHEP sessions of one user, over all rooms.</summary>
    public int SessionsPerUser { get; set; } = 20;

    public int PublishersPerRoom { get; set; } = 50;

    /// <summary>Half of what a room holds: people must find a place beside the viewers.</summary>
    public int ViewersPerRoom { get; set; } = 1000;

    internal sealed class Validator : IValidateOptions<WhipOptions>
    {
        public ValidateOptionsResult Validate(string? name, WhipOptions options)
        {
            var mistakes = new List<string>();
            if (options.MaxOfferBytes is < 1024 or > 256 * 1024)
                mistakes.Add("Whip:MaxOfferBytes must be 1 KB to 256 KB.");
            if (options.SessionsPerUser <= 0)
                mistakes.Add("Whip:SessionsPerUser must be positive.");
            if (options.PublishersPerRoom <= 0)
                mistakes.Add("Whip:PublishersPerRoom must be positive.");
            if (options.ViewersPerRoom <= 0)
                mistakes.Add("Whip:ViewersPerRoom must be positive.");
            return mistakes.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(mistakes);
        }
    }
}
