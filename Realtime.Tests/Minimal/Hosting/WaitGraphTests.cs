using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Runner;
using Aspire.Hosting.Testing;
using Xunit;

namespace Realtime.Tests.Minimal.Hosting;

public sealed class WaitGraphTests
{
    [Fact]
    public async Task TheAppStopsFromTheWebDown()
    {
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.Realtime_AppHost>();
        var depths = WaitGraph.Depths(builder.Resources).ToDictionary(d => d.Key.Name, d => d.Value);
        Assert.True(depths["web"] > depths["signaling"]);
        Assert.True(depths["signaling"] > depths["realtimedb"]);
        Assert.True(depths["realtimedb"] > depths["postgres"]);
        Assert.True(depths["signaling"] > depths["media-0"]);
        Assert.Equal(0, depths["redis"]);
    }

    [Fact]
    public void ACircleIsNamed()
    {
        var builder = SampleApp.Builder();
        var a = builder.AddShell("a", "true");
        var b = builder.AddShell("b", "true").WaitFor(a);
        a.WaitFor(b);
        var failure = Assert.Throws<DistributedApplicationException>(() => WaitGraph.Depths(builder.Resources));
        Assert.Contains("a → b → a", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void NobodyWaitsForItself()
    {
        var a = SampleApp.Builder().AddShell("a", "true");
        Assert.Throws<DistributedApplicationException>(() => a.WaitFor(a));
    }

    [Fact]
    public void WaitingForADatabaseWaitsForItsServer()
    {
        var builder = SampleApp.Builder();
        var server = builder.AddPostgres("pg");
        var app = builder.AddShell("app", "true").WaitFor(server.AddDatabase("db"));
        Assert.Equal(["pg", "db"], app.Resource.Annotations.OfType<WaitAnnotation>().Select(w => w.Resource.Name));
    }

    [Fact]
    public async Task WaitsForEveryReplicaToBeHealthy()
    {
        var builder = SampleApp.Builder();
        var dependency = builder.AddShell("dependency", "true");
        var app = builder.AddShell("app", "true").WaitFor(dependency);
        var notifications = new ResourceNotificationService();
        await notifications.PublishUpdateAsync(dependency.Resource, "dependency-0", s => s with { State = KnownResourceStates.Running });
        await notifications.PublishUpdateAsync(dependency.Resource, "dependency-1", s => s with { State = KnownResourceStates.Starting });
        var wait = WaitGraph.WaitAsync(app.Resource, notifications, stopOnUnavailable: true, restarts: false, CancellationToken.None);
        await notifications.PublishUpdateAsync(dependency.Resource, "dependency-1", s => s with { State = KnownResourceStates.Running, HealthReports = [new("check", null, null, null)] });
        Assert.False(wait.IsCompleted);
        await notifications.PublishUpdateAsync(dependency.Resource, "dependency-1", s => s with { HealthReports = [] });
        await wait.WaitAsync(TimeSpan.FromSeconds(10), CancellationToken.None);
    }

    [Fact]
    public async Task FailsWithADependencyThatIsGone()
    {
        var builder = SampleApp.Builder();
        var dependency = builder.AddShell("dependency", "true");
        var app = builder.AddShell("app", "true").WaitFor(dependency);
        var notifications = new ResourceNotificationService();
        await notifications.PublishUpdateAsync(dependency.Resource, s => s with { State = KnownResourceStates.FailedToStart, Note = "no such program" });
        var failure = await Assert.ThrowsAsync<DistributedApplicationException>(() => WaitGraph.WaitAsync(app.Resource, notifications, stopOnUnavailable: true, restarts: true, CancellationToken.None));
        Assert.Contains("no such program", failure.Message, StringComparison.Ordinal);
    }
}
