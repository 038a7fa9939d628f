using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Realtime.Signaling.Data.Migrations;

/// <summary>What operators look for: where replicas can be reached, what crash reports are grouped and searched by (ten thousand reports are not parsed for a page), and settings changed at run time.</summary>
[DbContext(typeof(RealtimeDbContext))]
[Migration("20260310000000_Console")]
public sealed class Console : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("""
        -- Where other replicas reach this one; null for one of the version before.
        alter table replicas add column address text;

        alter table crash_reports
            add column kind text generated always as (coalesce(report ->> 'kind', '')) stored,
            add column component text generated always as (coalesce(report ->> 'component', '')) stored,
            add column action text generated always as (coalesce(report ->> 'action', '')) stored,
            add column user_id text generated always as (report ->> 'user') stored,
            add column room text generated always as (report ->> 'room') stored,
            add column trace_id text generated always as (report ->> 'traceId') stored,
            add column process text generated always as (report ->> 'process') stored,
            add column seen bigint generated always as (coalesce((report ->> 'count')::bigint, 1)) stored,
            add column error_type text generated always as (report #>> '{exception,type}') stored,
            add column error_message text generated always as (report #>> '{exception,message}') stored;

        -- What operators changed at run time; it stands before the configuration.
        create table settings (
            key text primary key,
            value text not null,
            changed_by text not null,
            changed_at timestamptz not null default now());
        """);

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("""
        drop table settings;
        alter table crash_reports drop column kind, drop column component, drop column action, drop column user_id, drop column room, drop column trace_id, drop column process, drop column seen,
            drop column error_type, drop column error_message;
        alter table replicas drop column address;
        """);
}
