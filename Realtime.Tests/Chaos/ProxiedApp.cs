using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Realtime.Tests.Harness;
using Realtime.Tests.MediaChaos;

namespace Realtime.Tests.Chaos;

/// <summary>The composed app with something to break between its parts, and with the limits a load needs raised.</summary>
/// <param name="limits">Keys of the section <c>Limits</c> and their values; everything else is as in production.</param>
/// <param name="turn">The TURN server clients are given; null: the app's own.</param>
sealed class ProxiedApp(IReadOnlyDictionary<string, int> limits, TurnBehindProxy? turn = null) : RunningApp
{
    public DependencyLinks Links { get; } = new();

    public TurnBehindProxy? Turn => turn;

    protected override void Configure(IDistributedApplicationTestingBuilder builder)
    {
        var signaling = builder.CreateResourceBuilder(builder.Resources.OfType<ProjectResource>().Single(static resource => resource.Name == "signaling"));
        Links.Install(signaling);
        foreach (var (key, value) in limits)
            signaling.WithEnvironment($"Limits__{key}", FormattableString.Invariant($"{value}"));
        if (turn is null)
            return;
        // Looked at often, so that a run of a minute sees it go and come back.
        signaling.WithEnvironment("Turn__Urls", turn.Url).WithEnvironment("Turn__Secret", TurnBehindProxy.Secret).WithEnvironment("Turn__ProbeEvery", "00:00:02");
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Links.DisposeAsync();
        if (turn is not null)
            await turn.DisposeAsync();
    }
}
