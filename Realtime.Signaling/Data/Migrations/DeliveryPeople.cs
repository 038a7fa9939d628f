using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Realtime.Signaling.Data.Migrations;

/// <summary>Whom the payload of a delivery is about, so that their erasure finds it. Rows of the version before name nobody; they go with their own retention.</summary>
[DbContext(typeof(RealtimeDbContext))]
[Migration("20260207000000_DeliveryPeople")]
public sealed class DeliveryPeople : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("""
        alter table webhook_deliveries add column about text[];
        create index webhook_deliveries_about on webhook_deliveries using gin (about) where payload is not null;
        create index webhook_deliveries_by_claimer on webhook_deliveries (claimed_by) where state = 'claimed';
        """);

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("""
        drop index webhook_deliveries_by_claimer, webhook_deliveries_about;
        alter table webhook_deliveries drop column about;
        """);
}
