using Realtime.Contracts;
using Realtime.ServiceDefaults.Faults;
using Realtime.Tests.Harness;
using Xunit;

namespace Realtime.Tests.EndToEnd;

public sealed class FaultIsContained(RunningApp app) : EndToEndTest(app)
{
    [Fact]
    public async Task AnExceptionInAHubCall_EndsThatCallAlone_AndIsExplained()
    {
        var ann = await JoinAsync("ann", 0);
        var ben = await JoinAsync("ben", 0);
        await App.InjectAsync(App.Signaling[0], new FaultRule("hub", FaultKind.Throw, "SendMessage", ann.Name, Count: 1));

        var failure = await Assert.ThrowsAsync<HubCallException>(() => ann.SendAsync(ChannelName, "breaks").WaitAsync(Patience));
        Assert.Equal(ErrorCode.Internal, failure.Error.Code);
        await ben.SendAsync(ChannelName, "does not").WaitAsync(Patience);
        await ann.SendAsync(ChannelName, "nor does this").WaitAsync(Patience);
        await SettleAsync([ann, ben]);
        Assert.All([ann, ben], client => Assert.Equal(1, client.Connections));

        CrashReport? report = null;
        await Eventually.TrueAsync(() => (report = App.CrashReports().FirstOrDefault(candidate => candidate.Id == failure.Error.Incident)) is not null);
        Assert.Equal(("hub", "SendMessage", ann.Name), (report!.Component, report.Action, report.User));
        Assert.Contains(nameof(InjectedFaultException), report.Exception!.Type);
        // The actions before it are told: at least that this user's session began.
        Assert.Contains(report.Actions, action => action.User == ann.Name);
    }
}
