using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Realtime.Signaling.Data.Migrations;

/// <summary>What the console's replicas share: its accounts and the keys of its cookies. Realtime.Web reads and writes it; the schema is made here, where all of it is made.</summary>
[DbContext(typeof(RealtimeDbContext))]
[Migration("20260320000000_ConsoleState")]
public sealed class ConsoleState : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("""
        create table console_state (
            kind text not null,
            name text not null,
            content text not null,
            version bigint not null,
            changed_at timestamptz not null default now(),
            primary key (kind, name));
        """);

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("drop table console_state;");
}
