using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Realtime.Signaling.Data.Migrations;

/// <summary>Who is kept out, stored API keys, answers kept for retries.</summary>
[DbContext(typeof(RealtimeDbContext))]
[Migration("20260204000000_Guard")]
public sealed class Guard : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("""
        create table quarantines (
            kind text not null,
            key text not null,
            ends_at timestamptz not null,
            entry json not null,
            primary key (kind, key));

        -- secrets: each sealed with the master key, the one that signs first.
        create table api_keys (
            id text primary key,
            secrets bytea[] not null,
            created_at timestamptz not null default now(),
            rotated_at timestamptz);

        -- status: null while the request that claimed it runs.
        create table idempotency (
            owner text not null,
            key text not null,
            route text not null,
            request bytea not null,
            status int,
            content_type text,
            location text,
            body bytea,
            claimed_at timestamptz not null default now(),
            primary key (owner, key, route));
        create index idempotency_by_age on idempotency (claimed_at);
        """);

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("drop table idempotency, api_keys, quarantines;");
}
