using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Access;
using Realtime.Signaling.Data;
using Xunit;

namespace Realtime.Tests.Signaling.Access;

/// <summary>What operators did while Postgres was away outlives the process.</summary>
public sealed class AuditJournalTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("realtime-journal-").FullName;

    AuditJournal New(string replica = "signaling-0") => new(
        Options.Create(new CrashReportOptions { Directory = _folder }),
        new ReplicaIdentity(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["Realtime:Replica"] = replica }).Build()));

    [Fact]
    public void The_next_run_of_the_replica_takes_up_what_was_not_recorded_and_no_other_replica_does()
    {
        var journal = New();
        journal.Append(new AuditRecord("root", AuditAction.Recovery, Details: new { circuit = "redis" }));
        journal.Append(new AuditRecord("root", AuditAction.NodeDrained, Target: "media-0"));
        Assert.Empty(New("../../signaling-1").Read());
        Assert.Equal([(AuditAction.Recovery, null), (AuditAction.NodeDrained, "media-0")], New().Read().Select(static one => (one.Action, one.Target)));
        New().Clear();
        Assert.Empty(New().Read());
    }

    [Fact]
    public void A_line_cut_off_costs_itself_alone()
    {
        New().Append(new AuditRecord("root", AuditAction.NodeDrained, Target: "media-0"));
        File.AppendAllText(Assert.Single(Directory.GetFiles(_folder)), "{\"actor\":\"ro");
        Assert.Equal("media-0", Assert.Single(New().Read()).Target);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
