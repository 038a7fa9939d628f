using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Realtime.Signaling.Data.Migrations;

/// <summary>Who may what: kinds of channels, members and roles, restrictions, the audit log, erasures.</summary>
[DbContext(typeof(RealtimeDbContext))]
[Migration("20260202000000_Access")]
public sealed class Access : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql(Tables);
        migrationBuilder.Sql(Audit);
        migrationBuilder.Sql(Moderate);
        migrationBuilder.Sql(RefusedAuthors);
    }

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("""
        drop function refused_authors, moderate, audit_append, audit_hash;
        drop table user_erasures, audit_log, audit_head, channel_restrictions, channel_members;
        drop function refuse_change;
        alter table channels drop column kind, drop column topic, drop column metadata, drop column retention, drop column deleted_at;
        """);

    const string Tables = """
        alter table channels
            add column kind text not null default 'public' check (kind in ('public', 'private', 'direct')),
            add column topic text,
            add column metadata json,
            add column retention interval,
            add column deleted_at timestamptz;

        create table channel_members (
            channel text not null references channels (name),
            user_id text not null,
            role text not null check (role in ('owner', 'moderator', 'member')),
            added_by text not null,
            added_at timestamptz not null default now(),
            primary key (channel, user_id));
        create index channel_members_by_user on channel_members (user_id, channel);

        -- 'ban' and 'timeOut' hold until until (null: until lifted), 'kick' until the user joins again. seq: the channel's last event at that moment.
        create table channel_restrictions (
            channel text not null references channels (name),
            user_id text not null,
            kind text not null check (kind in ('ban', 'timeOut', 'kick')),
            reason text,
            until timestamptz,
            by_user text not null,
            at timestamptz not null default now(),
            seq bigint not null,
            primary key (channel, user_id, kind));
        create index channel_restrictions_by_user on channel_restrictions (user_id);

        -- step: how far the erasure has come, so that another replica goes on with it when the one that does it dies.
        create table user_erasures (
            user_id text primary key,
            requested_by text not null,
            requested_at timestamptz not null default now(),
            step int not null default 0,
            claimed_until timestamptz,
            finished_at timestamptz);
        create index user_erasures_open on user_erasures (requested_at) where finished_at is null;
        """;

    /// <summary>
    /// hash = SHA-256(previous hash, then as UTF-8 the JSON array [seq, at in microseconds since 1970, actor, action, channel, target, reason, details] as Postgres writes it). The head's
    /// row is the lock that makes it one chain, and what shows that the last rows are missing.
    /// </summary>
    const string Audit = """
        create table audit_log (
            seq bigint primary key,
            at timestamptz not null,
            actor text not null,
            action text not null,
            channel text,
            target text,
            reason text,
            details text,
            previous bytea not null,
            hash bytea not null);
        create index audit_log_by_channel on audit_log (channel, seq) where channel is not null;
        create index audit_log_by_target on audit_log (target, seq) where target is not null;

        create table audit_head (
            one boolean primary key default true check (one),
            seq bigint not null,
            hash bytea not null);
        insert into audit_head (seq, hash) values (0, decode(repeat('00', 32), 'hex'));

        create function refuse_change() returns trigger language plpgsql as $$
        begin
            raise exception 'The audit log is only ever appended to.' using errcode = 'insufficient_privilege';
        end $$;
        create trigger audit_log_append_only before update or delete on audit_log for each row execute function refuse_change();
        create trigger audit_log_no_truncate before truncate on audit_log for each statement execute function refuse_change();

        create function audit_hash(
            p_previous bytea, p_seq bigint, p_at timestamptz, p_actor text, p_action text, p_channel text, p_target text, p_reason text, p_details text)
        returns bytea language sql stable as $$
            select sha256(p_previous || convert_to(json_build_array(
                p_seq, (extract(epoch from p_at) * 1000000)::bigint, p_actor, p_action, p_channel, p_target, p_reason, p_details)::text, 'UTF8'))
        $$;

        create function audit_append(p_actor text, p_action text, p_channel text, p_target text, p_reason text, p_details text)
        returns bigint language plpgsql as $$
        declare
            v_seq bigint;
            v_previous bytea;
            v_at timestamptz;
            v_hash bytea;
        begin
            update audit_head h set seq = h.seq + 1 returning h.seq, h.hash into v_seq, v_previous;
            v_at := clock_timestamp();
            v_hash := audit_hash(v_previous, v_seq, v_at, p_actor, p_action, p_channel, p_target, p_reason, p_details);
            insert into audit_log (seq, at, actor, action, channel, target, reason, details, previous, hash)
            values (v_seq, v_at, p_actor, p_action, p_channel, p_target, p_reason, p_details, v_previous, v_hash);
            update audit_head set hash = v_hash;
            return v_seq;
        end $$;
        """;

    /// <summary>
    /// Kick, ban, unban and time-out, in one statement with their record and their news. The roles are those on which the caller decided: when they are others by now, nothing is done
    /// (outcome 'conflict') and the caller decides again. Holding the channel's row, like appending: what is numbered after the news was written by nobody who was banned.
    /// </summary>
    const string Moderate = """
        create function moderate(
            p_channel text, p_actor text, p_actor_role text, p_target text, p_target_role text, p_action text, p_reason text, p_until timestamptz, p_news text)
        returns table (outcome text, news_txid text, news_id bigint) language plpgsql as $$
        declare
            v_seq bigint;
            v_count bigint;
        begin
            insert into channels (name) values (p_channel) on conflict do nothing;
            select c.seq into v_seq from channels c where c.name = p_channel for update;
            if (select m.role from channel_members m where m.channel = p_channel and m.user_id = p_actor) is distinct from p_actor_role
                or (select m.role from channel_members m where m.channel = p_channel and m.user_id = p_target) is distinct from p_target_role then
                return query select 'conflict', null::text, null::bigint;
                return;
            end if;

            if p_action = 'unban' or (p_action = 'timeOut' and p_until is null) then
                delete from channel_restrictions r where r.channel = p_channel and r.user_id = p_target and r.kind = case p_action when 'unban' then 'ban' else 'timeOut' end;
                get diagnostics v_count = row_count;
                if v_count = 0 then
                    return query select 'nothing', null::text, null::bigint;
                    return;
                end if;
            else
                insert into channel_restrictions as r (channel, user_id, kind, reason, until, by_user, seq)
                values (p_channel, p_target, p_action, p_reason, p_until, p_actor, v_seq)
                on conflict (channel, user_id, kind) do update
                    set reason = excluded.reason, until = excluded.until, by_user = excluded.by_user, at = now(), seq = excluded.seq;
            end if;

            if p_action in ('kick', 'ban') then
                delete from channel_members m where m.channel = p_channel and m.user_id = p_target;
                -- No returning session finds the channel in its row.
                update sessions s set channels = array_remove(s.channels, p_channel) where s.channels @> array[p_channel] and s.user_id = p_target;
                insert into outbox (kind, key) values ('members', p_channel);
            end if;
            perform audit_append(p_actor, p_action, p_channel, p_target, p_reason,
                case when p_until is null then null else json_build_object('until', to_char(p_until at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))::text end);
            return query
                with news as (insert into outbox (kind, key, number, payload) values ('access', p_channel, v_seq, p_news) returning txid, id)
                select 'done', n.txid::text, n.id from news n;
        end $$;
        """;

    /// <summary>
    /// Who of those about to write may not, whatever a replica believed: the banned, the timed out, who is no member of a private or direct channel. To be called holding the channel's row.
    /// </summary>
    const string RefusedAuthors = """
        create function refused_authors(p_channel text, p_authors text[]) returns setof text language sql stable as $$
            select distinct a.author from unnest(p_authors) a (author)
            where exists (
                select from channel_restrictions r
                where r.channel = p_channel and r.user_id = a.author and r.kind in ('ban', 'timeOut') and (r.until is null or r.until > now()))
            or exists (
                select from channels c
                where c.name = p_channel and (c.deleted_at is not null or (c.kind <> 'public'
                    and not exists (select from channel_members m where m.channel = p_channel and m.user_id = a.author))))
        $$;
        """;
}
