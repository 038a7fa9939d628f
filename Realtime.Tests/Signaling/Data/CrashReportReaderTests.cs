using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Realtime.Contracts;
using Realtime.Signaling.Data;
using Realtime.Tests.Harness;
using Xunit;

namespace Realtime.Tests.Signaling.Data;

/// <summary>Ten thousand crash reports of three hundred stacks, as operators page through them.</summary>
public sealed class CrashReportReaderTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    const int Reports = 10_000;
    const int Stacks = 300;
    const int PageSize = 25;

    // With a stack and fifty actions each, as they are in life: 10 KB.
    static readonly string s_seed = $"""
        insert into crash_reports (id, time, service, node, stack_hash, report)
        select lpad(to_hex(i), 32, '0'), now() - make_interval(secs => {Reports} - i), 'signaling', 'signaling-' || i % 4, 'stack-' || i % {Stacks}, json_build_object(
            'id', lpad(to_hex(i), 32, '0'), 'time', now() - make_interval(secs => {Reports} - i), 'kind', 'caught', 'service', 'signaling', 'node', 'signaling-' || i % 4, 'process', i % 4, 'component', 'hub',
            'action', 'SendMessage', 'user', 'user-' || i % 1000, 'room', null, 'traceId', null, 'stackHash', 'stack-' || i % {Stacks}, 'count', 1,
            'exception', json_build_object('type', 'System.InvalidOperationException' || i % {Stacks}, 'message', 'It broke.', 'stack', repeat('   at Somewhere.In.The.Code()' || chr(10), 60), 'inner', null),
            'actions', (select json_agg(json_build_object('time', now(), 'component', 'hub', 'action', 'SendMessage', 'user', 'user-' || i % 1000, 'room', null, 'detail', null, 'traceId', null, 'thread', n)) from generate_series(1, 50) n),
            'statistics', json_build_object('workingSet', 1, 'gcHeap', 1, 'gen0Collections', 1, 'gen1Collections', 1, 'gen2Collections', 1, 'threads', 1, 'threadPoolThreads', 1, 'threadPoolQueue', 1, 'handles', 1, 'uptimeSeconds', 1))
        from generate_series(1, {Reports}) i
        """;

    [Fact]
    public async Task Are_paged_grouped_and_found_without_reading_them_all()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        await database.ExecuteAsync(s_seed);
        var reader = new CrashReportReader(database.Database);
        var groups = new List<CrashGroup>();
        for (string? after = null; ; after = groups[^1].Latest)
        {
            var clock = Stopwatch.StartNew();
            var page = await reader.GroupsAsync(after, PageSize, null, default);
            Timing.Claim("a page of crash groups", clock.Elapsed, TimeSpan.FromSeconds(1));
            groups.AddRange(page);
            // No report itself is in it: 10,000 of them are 100 MB.
            Assert.InRange(Size(page), 0, 32 << 10);
            if (page.Count < PageSize)
                break;
        }
        Assert.Equal(Stacks, groups.Select(static group => group.StackHash).Distinct().Count());
        Assert.Equal(Stacks, groups.Count);
        Assert.Equal(Reports, groups.Sum(static group => group.Reports));
        Assert.All(groups, static group => Assert.Equal(24, group.Trend!.Count));
        // The last hour of reports is in the trends, one a second.
        Assert.InRange(groups.Sum(static group => group.Trend!.Sum()), Reports - 60, Reports);

        var ofStack = new List<CrashSummary>();
        for (string? after = null; ; after = ofStack[^1].Id)
        {
            var page = await reader.OfStackAsync("stack-7", after, PageSize, default);
            ofStack.AddRange(page);
            Assert.InRange(Size(page), 0, 16 << 10);
            if (page.Count < PageSize)
                break;
        }
        Assert.Equal(ofStack.Select(static one => one.Id).Order(StringComparer.Ordinal).Reverse(), ofStack.Select(static one => one.Id));
        Assert.Equal(Enumerable.Range(1, Reports).Count(static i => i % Stacks == 7), ofStack.Count);

        Assert.Equal(10, (await reader.GroupsAsync(null, 100, "user-42", default)).Sum(static group => group.Reports));
        Assert.Equal(50, (await reader.FindAsync(ofStack[0].Id, default))!.Actions.Count);
    }

    static int Size<T>(IReadOnlyList<T> page) => Encoding.UTF8.GetByteCount(JsonSerializer.Serialize(page, ContractsJson.Options));
}
