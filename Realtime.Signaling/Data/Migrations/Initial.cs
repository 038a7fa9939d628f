using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Realtime.Signaling.Data.Migrations;

/// <summary>The first slice: channels and messages, the outbox, sessions and replicas, placements, revocations, crash reports.</summary>
[DbContext(typeof(RealtimeDbContext))]
[Migration("20260101000000_Initial")]
public sealed class Initial : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql(Tables);
        migrationBuilder.Sql(AppendMessages);
    }

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("""
        drop function append_messages;
        drop table crash_reports, revocations, placements, replicas, sessions, outbox, messages, channels;
        """);

    const string Tables = """
        create table channels (
            name text primary key,
            seq bigint not null default 0,
            epoch bigint not null default 1,
            created_at timestamptz not null default now());

        create table messages (
            channel text not null references channels (name),
            seq bigint not null,
            id text not null,
            author text not null,
            author_name text not null,
            client_message_id text not null,
            text text not null,
            payload json,
            created_at timestamptz not null,
            primary key (channel, seq),
            unique (channel, author, client_message_id));
        create unique index messages_by_id on messages (id);

        -- What every replica reads in order: (txid, id) grows, and everything below pg_snapshot_xmin is final.
        create table outbox (
            id bigint generated always as identity,
            txid xid8 not null default pg_current_xact_id(),
            kind text not null,
            key text not null,
            epoch bigint not null default 0,
            number bigint not null default 0,
            payload text,
            created_at timestamptz not null default now(),
            primary key (txid, id));
        create index outbox_by_age on outbox (created_at);

        create table replicas (
            boot text primary key,
            replica text not null,
            heartbeat_at timestamptz not null);

        -- lease_ends: null while a connection holds the session.
        create table sessions (
            id text primary key,
            user_id text not null,
            name text not null,
            replica text not null,
            boot text not null,
            generation bigint not null,
            channels text[] not null,
            rooms json not null default '[]',
            lease_ends timestamptz,
            created_at timestamptz not null default now());
        create index sessions_by_boot on sessions (boot);
        create index sessions_by_channel on sessions using gin (channels);
        create index sessions_by_lease on sessions (lease_ends) where lease_ends is not null;

        create table placements (
            room text primary key,
            node text not null,
            epoch bigint not null,
            changed_at timestamptz not null default now());

        -- kind: 'token' (key is a jti) or 'user' (tokens issued before issued_before are void).
        create table revocations (
            kind text not null,
            key text not null,
            issued_before timestamptz not null,
            expires_at timestamptz not null,
            primary key (kind, key));

        create table crash_reports (
            id text primary key,
            time timestamptz not null,
            service text not null,
            node text not null,
            stack_hash text not null,
            report json not null);
        create index crash_reports_by_time on crash_reports (time desc);
        """;

    /// <summary>
    /// Appends a batch to one channel: the channel's row is the lock and the counter, pairs (author, client_message_id) that are stored already are answered with what
    /// is stored, the rest is numbered without gaps. The rows and their one outbox entry commit together or not at all.
    /// </summary>
    const string AppendMessages = """
        create function append_messages(
            p_channel text, p_ids text[], p_authors text[], p_names text[], p_client_ids text[], p_texts text[], p_payloads text[], p_created timestamptz[])
        returns table (ordinal int, message_id text, message_seq bigint, message_created timestamptz, is_duplicate boolean, channel_epoch bigint)
        language plpgsql as $$
        declare
            v_seq bigint;
            v_epoch bigint;
            v_added bigint;
        begin
            insert into channels (name) values (p_channel) on conflict do nothing;
            -- From here on each statement sees what the previous holder of this lock has committed.
            select c.seq, c.epoch into v_seq, v_epoch from channels c where c.name = p_channel for update;

            with input as (
                select i.author, i.client_id, min(i.ord) as ord
                from unnest(p_authors, p_client_ids) with ordinality as i (author, client_id, ord)
                group by i.author, i.client_id),
            fresh as (
                select i.ord, row_number() over (order by i.ord) as n
                from input i
                where not exists (
                    select from messages m where m.channel = p_channel and m.author = i.author and m.client_message_id = i.client_id))
            insert into messages (channel, seq, id, author, author_name, client_message_id, text, payload, created_at)
            select p_channel, v_seq + f.n, p_ids[f.ord], p_authors[f.ord], p_names[f.ord], p_client_ids[f.ord], p_texts[f.ord], p_payloads[f.ord]::json, p_created[f.ord]
            from fresh f;
            get diagnostics v_added = row_count;

            if v_added > 0 then
                update channels c set seq = v_seq + v_added where c.name = p_channel;
                insert into outbox (kind, key, epoch, number) values ('messages', p_channel, v_epoch, v_seq + v_added);
            end if;

            return query
                select i.ord::int, m.id, m.seq, m.created_at, m.id <> p_ids[i.ord], v_epoch
                from unnest(p_authors, p_client_ids) with ordinality as i (author, client_id, ord)
                join messages m on m.channel = p_channel and m.author = i.author and m.client_message_id = i.client_id
                order by i.ord;
        end $$;
        """;
}
