using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Realtime.Tests.Harness;

namespace Realtime.Tests.Chaos;

/// <summary>The composed app with something to break between its parts, and with the limits a load needs raised.</summary>
/// <param name="limits">Keys of the section <c>Limits</c> and their values; everything else is as in production.</param>
sealed class ProxiedApp(IReadOnlyDictionary<string, int> limits) : RunningApp
{
    public DependencyLinks Links { get; } = new();

    protected override void Configure(IDistributedApplicationTestingBuilder builder)
    {
        var signaling = builder.CreateResourceBuilder(builder.Resources.OfType<ProjectResource>().Single(static resource => resource.Name == "signaling"));
        Links.Install(signaling);
        foreach (var (key, value) in limits)
            signaling.WithEnvironment($"Limits__{key}", FormattableString.Invariant($"{value}"));
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Links.DisposeAsync();
    }
}
