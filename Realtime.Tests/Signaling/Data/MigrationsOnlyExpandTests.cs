using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Operations;
using Realtime.Signaling.Data;
using Xunit;

namespace Realtime.Tests.Signaling.Data;

/// <summary>Two versions run side by side on one schema while an upgrade goes on, so a migration takes nothing away that the version before it uses.</summary>
public sealed partial class MigrationsOnlyExpandTests
{
    [Fact]
    public void NoMigrationTakesAnythingAway()
    {
        var migrations = typeof(RealtimeDbContext).Assembly.GetTypes().Where(static type => type.IsSubclassOf(typeof(Migration))).Select(static type => (Migration)Activator.CreateInstance(type)!).ToArray();
        Assert.True(migrations.Length > 5);
        foreach (var migration in migrations)
        {
            var name = migration.GetType().Name;
            foreach (var operation in migration.UpOperations)
            {
                var sql = Comment().Replace(Assert.IsType<SqlOperation>(operation).Sql, "");
                Assert.True(sql.Length > 0, $"{name} does nothing.");
                Assert.All(Takes().Matches(sql).Select(static match => match.Value), words => Assert.Fail($"{name} takes something away that the version before may use: {words}"));
                Assert.All(Demands().Matches(sql).Select(static match => match.Value).Where(static words => !words.Contains("default", StringComparison.OrdinalIgnoreCase) && !words.Contains("generated", StringComparison.OrdinalIgnoreCase)),
                    words => Assert.Fail($"{name} demands a value that the version before does not give: {words}"));
            }
        }
    }

    [Theory]
    [InlineData("alter table a drop column b;", true)]
    [InlineData("drop table a;", true)]
    [InlineData("alter table a rename column b to c;", true)]
    [InlineData("alter table a alter column b type bigint;", true)]
    [InlineData("alter table a alter column b set not null;", true)]
    [InlineData("alter table a add column b text, add column c bigint not null default 0;", false)]
    [InlineData("create or replace function f() returns void language sql as 'select 1'; drop index i;", false)]
    public void KnowsWhatTakesAway(string sql, bool takes) => Assert.Equal(takes, Takes().IsMatch(sql));

    [GeneratedRegex("--[^\n]*")]
    private static partial Regex Comment();

    [GeneratedRegex(@"\bdrop\s+(table|column|function|view|schema|type)\b[^;]*|\brename\s+(to|column|constraint)?\b[^;]*|\balter\s+column\s+\w+\s+(set\s+data\s+)?type\b[^;]*|\bset\s+not\s+null\b", RegexOptions.IgnoreCase)]
    private static partial Regex Takes();

    [GeneratedRegex(@"\badd\s+column\s+[^,;]*\bnot\s+null\b[^,;]*", RegexOptions.IgnoreCase)]
    private static partial Regex Demands();
}
