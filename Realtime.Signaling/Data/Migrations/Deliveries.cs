using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Realtime.Signaling.Data.Migrations;

/// <summary>Webhooks and their deliveries, attachments, commands that media nodes have not acknowledged yet, and crash reports by stack.</summary>
[DbContext(typeof(RealtimeDbContext))]
[Migration("20260205000000_Deliveries")]
public sealed class Deliveries : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql(Webhooks);
        migrationBuilder.Sql(Attachments);
        migrationBuilder.Sql(Rest);
    }

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("""
        drop trigger messages_deleted on messages;
        drop trigger messages_removed on messages;
        drop function release_attachments;
        drop index crash_reports_by_hash;
        drop table media_commands, upload_usage, attachments, webhook_deliveries, webhook_endpoints, webhook_positions, webhook_cursor;
        """);

    const string Webhooks = """
        -- secrets: encrypted, the signing ones, newest first; two while they rotate.
        create table webhook_endpoints (
            id text primary key,
            url text not null,
            description text not null,
            kinds text[] not null,
            channels text[] not null,
            secrets text[] not null,
            enabled boolean not null,
            disabled_because text,
            created_by text not null,
            created_at timestamptz not null);

        -- How far the outbox has been turned into deliveries: the one row is the lock of whoever does it.
        create table webhook_cursor (
            one boolean primary key default true check (one),
            txid xid8 not null,
            id bigint not null);
        insert into webhook_cursor (txid, id) values (pg_snapshot_xmin(pg_current_snapshot()), 0);

        create table webhook_positions (
            channel text primary key,
            epoch bigint not null,
            seq bigint not null);

        -- state: pending, claimed, delivered, dead. claim: counts the claims, so that one that was given up writes nothing any more.
        -- attempts: counted when claimed, before anything is sent. crashes: claims that ended without a word.
        create table webhook_deliveries (
            id bigint generated always as identity primary key,
            endpoint text not null references webhook_endpoints (id) on delete cascade,
            event text not null,
            kind text not null,
            channel text,
            payload text,
            state text not null default 'pending',
            attempts int not null default 0,
            crashes int not null default 0,
            claim bigint not null default 0,
            claimed_by text,
            lease_ends timestamptz,
            next_at timestamptz not null,
            status int,
            error text,
            created_at timestamptz not null,
            finished_at timestamptz,
            unique (endpoint, event));
        create index webhook_deliveries_open on webhook_deliveries (endpoint, id) where state in ('pending', 'claimed');
        create index webhook_deliveries_claimed on webhook_deliveries (lease_ends) where state = 'claimed';
        create index webhook_deliveries_finished on webhook_deliveries (finished_at) where finished_at is not null;
        create index webhook_deliveries_by_state on webhook_deliveries (state, id);
        """;

    const string Attachments = """
        -- state: uploading, ready, removing. message_key: the clientMessageId of the uploader's message that refers to it.
        -- kept: that message was seen; until then it may be an orphan.
        create table attachments (
            id text primary key,
            channel text not null,
            uploader text not null,
            name text not null,
            content_type text not null,
            size bigint not null default 0,
            sha256 text not null default '',
            state text not null,
            message_key text,
            kept boolean not null default false,
            created_at timestamptz not null);
        create index attachments_to_watch on attachments (created_at) where not kept;
        create index attachments_by_message on attachments (channel, uploader, message_key) where message_key is not null;

        -- A message that is deleted, or goes for good, takes its files with it, in the same transaction.
        create function release_attachments() returns trigger language plpgsql as $$
        begin
            update attachments set state = 'removing', kept = false
            where channel = old.channel and uploader = old.author and message_key = old.client_message_id;
            return null;
        end $$;
        create trigger messages_deleted after update of deleted_at on messages for each row when (new.deleted_at is not null) execute function release_attachments();
        create trigger messages_removed after delete on messages for each row execute function release_attachments();

        create table upload_usage (
            user_id text not null,
            day date not null,
            bytes bigint not null,
            primary key (user_id, day));
        """;

    const string Rest = """
        create table media_commands (
            id text primary key,
            node text not null,
            room text not null,
            epoch bigint not null,
            participant text not null,
            reason text not null,
            attempts int not null default 1,
            lease_ends timestamptz not null,
            created_at timestamptz not null);
        create index media_commands_by_lease on media_commands (lease_ends);

        create index crash_reports_by_hash on crash_reports (stack_hash, time desc);
        """;
}
