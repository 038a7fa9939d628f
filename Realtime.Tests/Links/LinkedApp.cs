using System.Net;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Realtime.Tests.Harness;

namespace Realtime.Tests.Links;

/// <summary>The composed app with a bad network in front of its media: the address that the nodes announce is the link emulator's, and there is no other way in.</summary>
public sealed class LinkedApp : RunningApp
{
    // Of the loopback network as well, so the ports can be the nodes' own.
    const string Announced = "127.0.0.2";
    const string Bound = "127.0.0.1";

    readonly List<LinkProxy> links = [];

    protected override void Configure(IDistributedApplicationTestingBuilder builder)
    {
        foreach (var media in builder.Resources.OfType<ProjectResource>().Where(static resource => resource.Name.StartsWith("media-", StringComparison.Ordinal)))
        {
            builder.CreateResourceBuilder(media)
                .WithEnvironment("Media__AnnouncedAddresses", Announced)
                .WithEnvironment("Media__BindAddress", Bound)
                .WithEnvironment("Media__Tcp", "false");
        }
    }

    /// <summary>Once it runs.</summary>
    public void OpenLinks(int seed)
    {
        foreach (var port in MediaPorts) links.Add(new LinkProxy(new IPEndPoint(IPAddress.Parse(Announced), port), new IPEndPoint(IPAddress.Parse(Bound), port), seed));
    }

    public void CloseLinks()
    {
        foreach (var link in links) link.Dispose();
        links.Clear();
    }

    internal IReadOnlyList<LinkClient> Clients => [.. links.SelectMany(link => link.Clients)];

    public override async ValueTask DisposeAsync()
    {
        CloseLinks();
        await base.DisposeAsync();
    }
}
