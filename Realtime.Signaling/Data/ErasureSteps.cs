namespace Realtime.Signaling.Data;

/// <summary>
/// What the erasure of a user ($1) does, in this order, each step again and again (at most $2 rows at a time) until it finds nothing more. Doing a step twice does no harm; steps may be
/// added at the end only, because an erasure that a dying replica left goes on by number. Kept: that one is banned (an erasure is no pardon), and the audit log.
/// Sessions end by themselves: the request revokes the user's tokens.
/// </summary>
static class ErasureSteps
{
    /// <summary>What stands where the user's id stood.</summary>
    public const string Nobody = "erased";

    /// <summary>Name and statement of each step.</summary>
    public static IReadOnlyList<(string Name, string Sql)> All { get; } =
    [
        // As a deletion like any other: everybody who reads along is told, places stay, files go.
        ("messages", """
            select count(*) from (select m.channel, m.id from messages m where m.author = $1 and m.deleted_at is null order by m.channel, m.seq limit $2) x,
                lateral change_message(x.channel, 'deleted', x.id, 'realtime', true, null, 'erased', date_trunc('milliseconds', now())) c
            """),
        ("texts", """
            with batch as (select m.channel, m.seq from messages m where m.author = $1 limit $2),
            old as (delete from message_texts t using batch s where t.channel = s.channel and t.message_seq = s.seq),
            scrubbed as (
                update messages m set author = 'erased', author_name = 'erased', client_message_id = m.id, text = '', payload = null
                from batch s where m.channel = s.channel and m.seq = s.seq returning m.channel, m.seq),
            news as (insert into outbox (kind, key, number) select 'rewritten', channel, max(seq) from scrubbed group by channel)
            select count(*) from scrubbed
            """),
        ("changes", """
            with batch as (select h.channel, h.seq from message_changes h where h.actor = $1 limit $2),
            scrubbed as (update message_changes h set actor = 'erased' from batch s where h.channel = s.channel and h.seq = s.seq returning h.channel, h.seq),
            news as (insert into outbox (kind, key, number) select 'rewritten', channel, max(seq) from scrubbed group by channel)
            select count(*) from scrubbed
            """),
        ("memberships", """
            with batch as (select m.channel from channel_members m where m.user_id = $1 limit $2),
            gone as (delete from channel_members m using batch s where m.channel = s.channel and m.user_id = $1 returning m.channel),
            news as (insert into outbox (kind, key, payload) select 'access', channel, '{"action":"members"}' from gone)
            select count(*) from gone
            """),
        ("restrictions", """
            with batch as (
                select r.ctid from channel_restrictions r where (r.user_id = $1 and (r.kind = 'kick' or r.reason is not null)) or r.by_user = $1 limit $2),
            kicks as (delete from channel_restrictions r using batch s where r.ctid = s.ctid and r.kind = 'kick' and r.user_id = $1 returning 1),
            others as (
                update channel_restrictions r set reason = case when r.user_id = $1 then null else r.reason end, by_user = case when r.by_user = $1 then 'erased' else r.by_user end
                from batch s where r.ctid = s.ctid and not (r.kind = 'kick' and r.user_id = $1) returning 1)
            select (select count(*) from kicks) + (select count(*) from others)
            """),
        ("addedBy", """
            with batch as (select m.ctid from channel_members m where m.added_by = $1 limit $2),
            scrubbed as (update channel_members m set added_by = 'erased' from batch s where m.ctid = s.ctid returning 1)
            select count(*) from scrubbed
            """),
        ("marks", "with gone as (delete from read_marks where ctid in (select ctid from read_marks where user_id = $1 limit $2) returning 1) select count(*) from gone"),
        ("files", """
            with batch as (select a.id from attachments a where a.uploader = $1 limit $2),
            gone as (update attachments a set state = 'removing', kept = false, uploader = 'erased', name = 'erased' from batch s where a.id = s.id returning 1)
            select count(*) from gone
            """),
        ("uploads", "with gone as (delete from upload_usage where ctid in (select ctid from upload_usage where user_id = $1 limit $2) returning 1) select count(*) from gone"),
        // One at a time: each locks two people.
        ("friendships", """
            select count(*) from (select case when f.low = $1 then f.high else f.low end as other from friendships f where f.low = $1 or f.high = $1 limit least($2, 1)) x,
                lateral change_friendship('remove', gen_random_uuid()::text, $1, 'erased', x.other, date_trunc('milliseconds', now()),
                    to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"+00:00"'), 1, 1, 1) c
            """),
        // What webhooks have not been told yet, and dead letters. One that is just being sent is in its sender's hands; it is not sent again.
        ("deliveries", """
            with batch as (select d.id from webhook_deliveries d where d.about @> array[$1] and d.payload is not null limit $2),
            gone as (
                update webhook_deliveries d set payload = null, state = case d.state when 'pending' then 'dead' else d.state end,
                    error = case d.state when 'pending' then 'erased' else d.error end, finished_at = case d.state when 'pending' then now() else d.finished_at end
                from batch s where d.id = s.id returning 1)
            select count(*) from gone
            """),
        // Answers kept for a retry of the user's own requests.
        ("answers", "with gone as (delete from idempotency where ctid in (select ctid from idempotency where owner = $1 limit $2) returning 1) select count(*) from gone"),
    ];
}
