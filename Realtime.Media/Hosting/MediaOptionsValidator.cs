using System.Net;
using System.Text;
using Microsoft.Extensions.Options;
using Realtime.Media.Transport;
using Realtime.ServiceDefaults.Tokens;

namespace Realtime.Media.Hosting;

/// <summary>Reports all mistakes at once, each by its key.</summary>
sealed class MediaOptionsValidator : IValidateOptions<MediaOptions>
{
    const int MaxWorkers = 99;

    public ValidateOptionsResult Validate(string? name, MediaOptions options)
    {
        var mistakes = new List<string>();
        if (string.IsNullOrWhiteSpace(options.Node)) mistakes.Add("Media:Node must not be empty.");
        if (options.UdpPort is < 0 or > ushort.MaxValue) mistakes.Add("Media:UdpPort must be between 0 and 65535.");
        if (options.TcpPort is < 0 or > ushort.MaxValue) mistakes.Add("Media:TcpPort must be between 0 and 65535.");
        if (options is { Udp: false, Tcp: false }) mistakes.Add("Media:Udp and Media:Tcp must not both be false: no media could reach the node.");
        if (options.Edge == EdgeKind.Linux && !OperatingSystem.IsLinux()) mistakes.Add("Media:Edge=linux needs Linux; use auto or portable.");
        if (options.ControlPort is < 0 or > ushort.MaxValue) mistakes.Add("Media:ControlPort must be between 0 and 65535.");
        if (Encoding.UTF8.GetByteCount(options.ControlSecret) < Hs256Jwt.MinSecretLength)
            mistakes.Add($"Media:ControlSecret must have at least {Hs256Jwt.MinSecretLength} bytes.");
        if (options.Workers is < 0 or > MaxWorkers) mistakes.Add($"Media:Workers must be between 0 (one per core) and {MaxWorkers}.");
        if (options.MaxPeers < 0) mistakes.Add("Media:MaxPeers must not be negative.");
        if (options.MaxPacketsPerSecond < 0) mistakes.Add("Media:MaxPacketsPerSecond must not be negative.");
        if (options.RoomPeersPerWorker < 1) mistakes.Add("Media:RoomPeersPerWorker must be positive.");
        if (options.DrainTimeout <= TimeSpan.Zero || options.DrainTimeout > TimeSpan.FromMinutes(10)) mistakes.Add("Media:DrainTimeout must be positive, and ten minutes at most.");
        if (!IPAddress.TryParse(options.BindAddress, out _)) mistakes.Add("Media:BindAddress must be an IP address.");
        if (!options.AnnouncedTexts.Any()) mistakes.Add("Media:AnnouncedAddresses must name at least one address at which clients reach this node.");
        mistakes.AddRange(options.AnnouncedTexts.Where(address => !AnnouncedAddress.TryParse(address, out _))
            .Select(address => $"Media:AnnouncedAddresses holds '{address}', which is neither an IP address nor public/local."));
        return mistakes.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(mistakes);
    }
}
