using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Realtime.Signaling.Data.Migrations;

/// <summary>Which process of a node has a room: one that was started anew has none of the rooms of the one before.</summary>
[DbContext(typeof(RealtimeDbContext))]
[Migration("20260206000000_PlacementProcess")]
public sealed class PlacementProcess : Migration
{
    // node/boot; null in rows of the version before.
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("alter table placements add column process text;");

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("alter table placements drop column process;");
}
