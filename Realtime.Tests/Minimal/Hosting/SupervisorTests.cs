using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Runner;
using Realtime.Tests.Harness;
using Xunit;

namespace Realtime.Tests.Minimal.Hosting;

/// <summary>Real processes under the runner, inside this one.</summary>
[Trait("Tier", "EndToEnd")]
public sealed class SupervisorTests
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task WhatDiesIsStartedAgain()
    {
        var builder = SampleApp.Builder("--Runner:RestartOnExit=true");
        builder.AddShell("sleeper", "sleep 300");
        await using var app = builder.Build();
        await app.StartAsync(CancellationToken.None);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("sleeper", CancellationToken.None).WaitAsync(_limit, CancellationToken.None);
        var first = SampleApp.Pid(app, "sleeper")!.Value;
        Aspire.Hosting.Runner.ChildProcess.Signal(PosixSignalNumber.Kill, first);
        var again = await app.ResourceNotifications.WaitForResourceAsync("sleeper", e => SampleApp.Pid(app, "sleeper") is { } pid && pid != first, CancellationToken.None).WaitAsync(_limit, CancellationToken.None);
        Assert.Equal(KnownResourceStates.Running, again.Snapshot.State?.Text);
        await app.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task StaysDownWithoutTheOption_AndSaysHowItEnded()
    {
        var builder = SampleApp.Builder();
        builder.AddShell("failing", "exit 7");
        await using var app = builder.Build();
        await app.StartAsync(CancellationToken.None);
        var end = await app.ResourceNotifications.WaitForResourceAsync("failing", e => e.Snapshot.State?.Text == KnownResourceStates.Exited, CancellationToken.None).WaitAsync(_limit, CancellationToken.None);
        Assert.Equal(7, end.Snapshot.ExitCode);
    }

    [Fact]
    public async Task CommandsStopStartAndRestartAnInstance()
    {
        var builder = SampleApp.Builder("--Runner:RestartOnExit=true");
        builder.AddShell("sleeper", "sleep 300");
        await using var app = builder.Build();
        await app.StartAsync(CancellationToken.None);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("sleeper", CancellationToken.None).WaitAsync(_limit, CancellationToken.None);
        var first = SampleApp.Pid(app, "sleeper")!.Value;
        Assert.True((await app.ResourceCommands.ExecuteCommandAsync("sleeper", "resource-stop", CancellationToken.None)).Success);
        Assert.Null(ChildLedger.StartTime(first));
        Assert.Null(SampleApp.Pid(app, "sleeper"));
        Assert.True((await app.ResourceCommands.ExecuteCommandAsync("sleeper", "resource-start", CancellationToken.None)).Success);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("sleeper", CancellationToken.None).WaitAsync(_limit, CancellationToken.None);
        var second = SampleApp.Pid(app, "sleeper")!.Value;
        Assert.True((await app.ResourceCommands.ExecuteCommandAsync("sleeper", "resource-restart", CancellationToken.None)).Success);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("sleeper", CancellationToken.None).WaitAsync(_limit, CancellationToken.None);
        Assert.Equal(3, new[] { first, second, SampleApp.Pid(app, "sleeper")!.Value }.Distinct().Count());
        Assert.False((await app.ResourceCommands.ExecuteCommandAsync("nobody", "resource-start", CancellationToken.None)).Success);
        Assert.False((await app.ResourceCommands.ExecuteCommandAsync("sleeper", "dance", CancellationToken.None)).Success);
    }

    [Fact]
    public async Task DependentsStartAfterAndStopBeforeWhatTheyNeed()
    {
        var builder = SampleApp.Builder();
        // Each writes when it has its trap and when it is told to stop. The kernel knows who was started first: who wrote first is up to the scheduler.
        const string Order = "trap 'echo stop-$NAME >> order; exit 0' TERM; echo ready >> order; while :; do sleep 0.05; done";
        var below = builder.AddShell("below", Order).WithEnvironment("NAME", "below");
        builder.AddShell("above", Order).WithEnvironment("NAME", "above").WaitFor(below);
        var state = builder.Configuration["Runner:StateDirectory"]!;
        await using var app = builder.Build();
        await app.StartAsync(CancellationToken.None);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("above", CancellationToken.None).WaitAsync(_limit, CancellationToken.None);
        await Eventually.TrueAsync(async () => File.Exists(Path.Combine(state, "order")) && (await File.ReadAllLinesAsync(Path.Combine(state, "order"))).Length == 2);
        var started = new[] { "below", "above" }.Select(name => long.Parse(ChildLedger.StartTime(SampleApp.Pid(app, name)!.Value)!, CultureInfo.InvariantCulture)).ToList();
        Assert.True(started[0] <= started[1], string.Join(", ", started));
        await app.StopAsync(CancellationToken.None);
        Assert.Equal(["ready", "ready", "stop-above", "stop-below"], await File.ReadAllLinesAsync(Path.Combine(state, "order"), CancellationToken.None));
    }

    [Fact]
    public async Task TheWholeGroupGoes_WhenItsLeaderIsStopped()
    {
        var builder = SampleApp.Builder();
        builder.AddShell("parent", "sleep 300 & echo $! > grandchild; wait");
        var state = builder.Configuration["Runner:StateDirectory"]!;
        await using var app = builder.Build();
        await app.StartAsync(CancellationToken.None);
        var file = Path.Combine(state, "grandchild");
        await Eventually.TrueAsync(() => File.Exists(file) && File.ReadAllText(file).EndsWith('\n'));
        var grandchild = int.Parse(await File.ReadAllTextAsync(file, CancellationToken.None), System.Globalization.CultureInfo.InvariantCulture);
        Assert.NotNull(ChildLedger.StartTime(grandchild));
        await app.StopAsync(CancellationToken.None);
        await Eventually.TrueAsync(() => !Proc.IsAlive(grandchild));
    }

    [Fact]
    public async Task AMissingProgramStopsTheStart_WithTheCommandThatInstallsIt()
    {
        var builder = SampleApp.Builder();
        builder.AddResource(new ContainerResource("cache")).WithAnnotation(new ProcessRecipeAnnotation
        {
            Missing = () => Programs.Missing("redis-server", "redis-server"),
            Prepare = (_, _) => throw new InvalidOperationException("never asked")
        });
        await using var app = builder.Build();
        var refusal = await Assert.ThrowsAsync<DistributedApplicationException>(() => app.StartAsync(CancellationToken.None));
        Assert.Contains("sudo apt-get install -y redis-server", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatIsNotEssentialIsExplained_AndTheRestRuns()
    {
        var builder = SampleApp.Builder();
        builder.AddResource(new ContainerResource("coturn")).WithAnnotation(new ProcessRecipeAnnotation
        {
            Essential = false,
            Missing = () => Programs.Missing("turnserver", "coturn"),
            Prepare = (_, _) => throw new InvalidOperationException("never asked")
        });
        builder.AddShell("sleeper", "sleep 300");
        await using var app = builder.Build();
        await app.StartAsync(CancellationToken.None);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("sleeper", CancellationToken.None).WaitAsync(_limit, CancellationToken.None);
        var explained = await app.ResourceNotifications.WaitForResourceAsync("coturn", e => e.Snapshot.State?.Text == KnownResourceStates.FailedToStart, CancellationToken.None).WaitAsync(_limit, CancellationToken.None);
        Assert.Contains("apt-get install -y coturn", StatusTable.Render([explained]), StringComparison.Ordinal);
    }
}
