using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Realtime.Signaling.Data.Migrations;

/// <summary>Presence of sessions, their end in steps, friendships, how many sessions a day ended.</summary>
[DbContext(typeof(RealtimeDbContext))]
[Migration("20260203000000_People")]
public sealed class People : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql(Tables);
        migrationBuilder.Sql(ChangeFriendship);
    }

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("""
        drop function change_friendship;
        drop table session_days, friendships;
        drop index sessions_by_user;
        alter table sessions drop column status, drop column status_since, drop column activity, drop column presence_version, drop column ending_since;
        """);

    const string Tables = """
        -- ending_since: not null while a replica goes through the steps of the session's end; nobody resumes it any more.
        alter table sessions
            add column status text not null default 'online',
            add column status_since timestamptz not null default now(),
            add column activity json,
            add column presence_version bigint not null default 0,
            add column ending_since timestamptz;
        create index sessions_by_user on sessions (user_id);

        -- One row for two people, so that it is symmetric whatever happens: low < high. Not friends yet: asked_by asked.
        create table friendships (
            low text collate "C" not null,
            high text collate "C" not null,
            low_name text not null,
            high_name text not null,
            asked_by text collate "C" not null,
            friends boolean not null,
            since timestamptz not null,
            primary key (low, high),
            check (low < high));
        create index friendships_by_high on friendships (high);

        -- Written in the statement that deletes the session: each is counted once, whoever ends it.
        create table session_days (
            day date not null,
            replica text not null,
            reason text not null,
            sessions bigint not null,
            seconds bigint not null,
            primary key (day, replica, reason));
        """;

    /// <summary>
    /// One step between two people: <c>request</c>, <c>accept</c>, <c>decline</c> or <c>remove</c>, seen by p_user. Requests that cross become a friendship, a step that was taken
    /// already changes nothing. Both people are locked, in one order, so that bounds and crossing hold against everything they and others do at the same time. The change and the
    /// events for both commit together. refused: <c>notAsked</c>, <c>friends</c>, <c>requests</c>, <c>asking</c> (the bound that is reached).
    /// </summary>
    const string ChangeFriendship = """
        create function change_friendship(
            p_step text, p_event text, p_user text, p_name text, p_other text, p_since timestamptz, p_since_text text, p_friends int, p_requests int, p_asking int)
        returns table (state text, name text, since timestamptz, changed boolean, refused text)
        language plpgsql as $$
        declare
            v_low text collate "C" := least(p_user collate "C", p_other collate "C");
            v_high text collate "C" := greatest(p_user collate "C", p_other collate "C");
            v_row friendships%rowtype;
            v_was text := 'none';
            v_now text;
            v_name text := p_other;
            v_lock int;
        begin
            for v_lock in select distinct hashtext(u) from unnest(array[p_user, p_other]) u order by 1 loop
                perform pg_advisory_xact_lock(1718187876, v_lock);
            end loop;
            select f.* into v_row from friendships f where f.low = v_low and f.high = v_high for update;
            if found then
                v_was := case when v_row.friends then 'friends' when v_row.asked_by = p_user then 'requested' else 'incoming' end;
                v_name := case when v_low = p_other then v_row.low_name else v_row.high_name end;
            end if;
            v_now := case p_step
                when 'request' then case v_was when 'none' then 'requested' when 'incoming' then 'friends' else v_was end
                when 'accept' then case when v_was in ('incoming', 'friends') then 'friends' end
                when 'decline' then case when v_was in ('incoming', 'none') then 'none' end
                when 'remove' then 'none' end;
            if v_now is null then
                return query select v_was, v_name, coalesce(v_row.since, p_since), false, 'notAsked';
                return;
            end if;
            if v_now = v_was then
                return query select v_was, v_name, coalesce(v_row.since, p_since), false, null::text;
                return;
            end if;

            if v_now = 'friends' and (select max(n) from (
                    select count(*) n from friendships f where f.friends and (f.low = p_user or f.high = p_user)
                    union all select count(*) from friendships f where f.friends and (f.low = p_other or f.high = p_other)) counts) >= p_friends then
                return query select v_was, v_name, coalesce(v_row.since, p_since), false, 'friends';
                return;
            end if;
            if v_now = 'requested' then
                if (select count(*) from friendships f where not f.friends and f.asked_by = p_user and (f.low = p_user or f.high = p_user)) >= p_requests then
                    return query select v_was, v_name, p_since, false, 'requests';
                    return;
                end if;
                if (select count(*) from friendships f where not f.friends and f.asked_by <> p_other and (f.low = p_other or f.high = p_other)) >= p_asking then
                    return query select v_was, v_name, p_since, false, 'asking';
                    return;
                end if;
            end if;

            if v_now = 'none' then
                delete from friendships f where f.low = v_low and f.high = v_high;
            elsif v_now = 'requested' then
                insert into friendships (low, high, low_name, high_name, asked_by, friends, since)
                values (v_low, v_high, case when v_low = p_user then p_name else p_other end, case when v_high = p_user then p_name else p_other end, p_user, false, p_since);
            else
                update friendships f set friends = true, since = p_since,
                    low_name = case when v_low = p_user then p_name else f.low_name end, high_name = case when v_high = p_user then p_name else f.high_name end
                where f.low = v_low and f.high = v_high;
            end if;
            insert into outbox (kind, key, payload)
            select 'user', e.for_user, json_build_object('id', p_event || e.suffix, 'event', 'friend',
                'payload', json_build_object('user', e.about, 'name', e.about_name, 'state', e.state, 'since', p_since_text))::text
            from (values (p_user, '-1', p_other, v_name, v_now),
                         (p_other, '-2', p_user, p_name, case v_now when 'requested' then 'incoming' else v_now end)) as e (for_user, suffix, about, about_name, state);
            return query select v_now, v_name, p_since, true, null::text;
        end $$;
        """;
}
