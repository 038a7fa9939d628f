namespace Realtime.Web.Joining;

/// <summary>
/// Where browsers find the hub: <c>Signaling:PublicUrl</c>, or what service discovery says about <c>signaling</c> (right wherever browser and
/// services share a machine). Null when neither is set; the page then says so.
/// </summary>
sealed class SignalingAddress(IConfiguration configuration)
{
    public const string PublicUrl = "Signaling:PublicUrl";

    public Uri? Hub { get; } = Read(configuration);

    static Uri? Read(IConfiguration configuration)
    {
        var text = configuration[PublicUrl] ?? configuration["services:signaling:https:0"] ?? configuration["services:signaling:http:0"];
        if (string.IsNullOrWhiteSpace(text))
            return null;
        return Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? new Uri(address, "/hub")
            : throw new InvalidOperationException($"{PublicUrl} (or services:signaling:http:0) is no http or https address.");
    }
}
