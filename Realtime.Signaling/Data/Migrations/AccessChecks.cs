using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Realtime.Signaling.Data.Migrations;

/// <summary>Appending and changing messages with a last look at who may, under the lock that gives the order; roles. The functions without it stay for replicas of the version before.</summary>
[DbContext(typeof(RealtimeDbContext))]
[Migration("20260202000001_AccessChecks")]
public sealed class AccessChecks : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql(AppendChecked);
        migrationBuilder.Sql(ChangeChecked);
        migrationBuilder.Sql(SetMember);
    }

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("drop function append_checked, change_checked, role_rank, set_member;");

    /// <summary>As <c>append_messages</c>; messages of authors who may not write here are left out, and so are missing from the answer.</summary>
    const string AppendChecked = """
        create function append_checked(
            p_channel text, p_ids text[], p_authors text[], p_names text[], p_client_ids text[], p_texts text[], p_payloads text[], p_created timestamptz[])
        returns table (ordinal int, message_id text, message_seq bigint, message_created timestamptz, is_duplicate boolean, channel_epoch bigint)
        language plpgsql as $$
        declare
            v_free boolean;
            v_refused text[];
            v_kept int[];
        begin
            select c.kind = 'public' and c.deleted_at is null into v_free from channels c where c.name = p_channel for update;
            if not found then
                -- A direct channel's name belongs to the people it was made for, or to nobody.
                if lower(left(p_channel, 3)) = 'dm:' then
                    return;
                end if;
                insert into channels (name) values (p_channel) on conflict do nothing;
                select c.kind = 'public' and c.deleted_at is null into v_free from channels c where c.name = p_channel for update;
            end if;
            -- From here on each statement sees what the previous holder of this lock has committed: a ban above all. Almost always there is nothing to see.
            if v_free and not exists (select from channel_restrictions r where r.channel = p_channel) then
                return query select * from append_messages(p_channel, p_ids, p_authors, p_names, p_client_ids, p_texts, p_payloads, p_created);
                return;
            end if;
            v_refused := array(select refused_authors(p_channel, p_authors));
            if cardinality(v_refused) = 0 then
                return query select * from append_messages(p_channel, p_ids, p_authors, p_names, p_client_ids, p_texts, p_payloads, p_created);
                return;
            end if;
            v_kept := array(select i.ord::int from unnest(p_authors) with ordinality i (author, ord) where i.author <> all (v_refused) order by i.ord);
            if cardinality(v_kept) > 0 then
                return query select v_kept[a.ordinal], a.message_id, a.message_seq, a.message_created, a.is_duplicate, a.channel_epoch
                from append_messages(p_channel,
                    array(select p_ids[k] from unnest(v_kept) with ordinality u (k, n) order by n),
                    array(select p_authors[k] from unnest(v_kept) with ordinality u (k, n) order by n),
                    array(select p_names[k] from unnest(v_kept) with ordinality u (k, n) order by n),
                    array(select p_client_ids[k] from unnest(v_kept) with ordinality u (k, n) order by n),
                    array(select p_texts[k] from unnest(v_kept) with ordinality u (k, n) order by n),
                    array(select p_payloads[k] from unnest(v_kept) with ordinality u (k, n) order by n),
                    array(select p_created[k] from unnest(v_kept) with ordinality u (k, n) order by n)) a;
            end if;
        end $$;
        """;

    /// <summary>Gives, changes or takes (null) a role, in one statement with its record and its news. Decided on roles that are others by now: 'conflict', decide again.</summary>
    const string SetMember = """
        create function set_member(
            p_channel text, p_actor text, p_actor_role text, p_user text, p_before text, p_next text, p_max int, p_news text)
        returns text language plpgsql as $$
        begin
            insert into channels (name) values (p_channel) on conflict do nothing;
            perform from channels c where c.name = p_channel for update;
            if (select m.role from channel_members m where m.channel = p_channel and m.user_id = p_actor) is distinct from p_actor_role
                or (select m.role from channel_members m where m.channel = p_channel and m.user_id = p_user) is distinct from p_before then
                return 'conflict';
            end if;
            if p_before is not distinct from p_next then
                return 'done';
            end if;
            if p_before = 'owner' and not exists (select from channel_members m where m.channel = p_channel and m.role = 'owner' and m.user_id <> p_user) then
                return 'lastOwner';
            end if;
            if p_before is null and (select count(*) from channel_members m where m.channel = p_channel) >= p_max then
                return 'full';
            end if;
            if p_next is null then
                delete from channel_members m where m.channel = p_channel and m.user_id = p_user;
                perform audit_append(p_actor, 'memberRemoved', p_channel, p_user, null, null);
            else
                insert into channel_members (channel, user_id, role, added_by) values (p_channel, p_user, p_next, p_actor)
                on conflict (channel, user_id) do update set role = excluded.role;
                perform audit_append(p_actor, 'memberSet', p_channel, p_user, null, json_build_object('role', p_next)::text);
            end if;
            insert into outbox (kind, key, payload) values ('access', p_channel, p_news);
            return 'done';
        end $$;
        """;

    /// <summary>
    /// As <c>change_message</c>. Who may not write does not edit; a moderator removes nothing of somebody with a higher role (the grant counts as the role of a moderator); what is
    /// removed of somebody else is told to them and recorded in the audit log, in this transaction.
    /// </summary>
    const string ChangeChecked = """
        create function role_rank(p_channel text, p_user text) returns int language sql stable as $$
            select coalesce((select case m.role when 'owner' then 3 when 'moderator' then 2 else 1 end from channel_members m where m.channel = p_channel and m.user_id = p_user), 0)
        $$;

        create function change_checked(
            p_channel text, p_kind text, p_id text, p_actor text, p_moderator boolean, p_text text, p_reason text, p_at timestamptz)
        returns table (outcome text, change_seq bigint, channel_epoch bigint, of_seq bigint, of_author text)
        language plpgsql as $$
        declare
            v_author text;
            v_moderator boolean := p_moderator;
        begin
            perform from channels c where c.name = p_channel for update;
            if p_kind = 'updated' and exists (select refused_authors(p_channel, array[p_actor])) then
                return query select 'forbidden', null::bigint, null::bigint, null::bigint, null::text;
                return;
            end if;
            select m.author into v_author from messages m where m.channel = p_channel and m.id = p_id;
            if v_author <> p_actor and role_rank(p_channel, v_author) > greatest(2, role_rank(p_channel, p_actor)) then
                v_moderator := false;
            end if;
            return query select c.* from change_message(p_channel, p_kind, p_id, p_actor, v_moderator, p_text, p_reason, p_at) c;
            -- Answered 'same': it was recorded then.
            if v_author <> p_actor and exists (
                select from message_changes h join channels c on c.name = h.channel and c.seq = h.seq
                where h.channel = p_channel and h.message_id = p_id and h.kind = 'deleted' and h.actor = p_actor and h.created_at = p_at) then
                insert into outbox (kind, key, payload)
                values ('access', p_channel, json_strip_nulls(json_build_object('action', 'removeMessage', 'user', v_author, 'by', p_actor, 'reason', p_reason))::text);
                perform audit_append(p_actor, 'removeMessage', p_channel, p_id, p_reason, json_build_object('author', v_author)::text);
            end if;
        end $$;
        """;
}
