using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Realtime.Signaling.Data.Migrations;

/// <summary>Finding what a user wrote and did, for export and erasure.</summary>
[DbContext(typeof(RealtimeDbContext))]
[Migration("20260202000002_UserData")]
public sealed class UserData : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("""
        create index messages_by_author on messages (author, id);
        create index message_changes_by_actor on message_changes (actor);
        create index channel_restrictions_by_moderator on channel_restrictions (by_user);
        create index channels_with_retention on channels (name) where retention is not null or deleted_at is not null;
        """);

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        "drop index messages_by_author, message_changes_by_actor, channel_restrictions_by_moderator, channels_with_retention;");
}
