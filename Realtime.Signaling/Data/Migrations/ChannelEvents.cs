using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Realtime.Signaling.Data.Migrations;

/// <summary>Edits and deletions as events of the channel's one order, earlier texts, read marks. A replica of the version before goes on appending and reading beside this one.</summary>
[DbContext(typeof(RealtimeDbContext))]
[Migration("20260201000000_ChannelEvents")]
public sealed class ChannelEvents : Migration
{
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql(Tables);
        migrationBuilder.Sql(ChangeMessage);
    }

    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("""
        drop function change_message;
        drop table read_marks, message_texts, message_changes;
        alter table messages drop column edited_at, drop column deleted_at, drop column changed_seq;
        """);

    const string Tables = """
        -- messages holds what stands now. changed_seq: the place of the last change.
        alter table messages add column edited_at timestamptz, add column deleted_at timestamptz, add column changed_seq bigint;

        -- What happened to messages, numbered in one row with them: messages.seq and message_changes.seq of a channel are 1, 2, 3 … together.
        -- kind: 'updated' or 'deleted'. The text of an update is the next one in message_texts, or the one that stands.
        create table message_changes (
            channel text not null references channels (name) on delete cascade,
            seq bigint not null,
            kind text not null,
            message_id text not null,
            message_seq bigint not null,
            actor text not null,
            reason text,
            created_at timestamptz not null,
            primary key (channel, seq));
        create index message_changes_by_message on message_changes (channel, message_seq, seq);

        -- What a message said until the change replaced_seq; its payload too, when that was the deletion. Kept for moderators, until retention or erasure takes it with its message.
        create table message_texts (
            channel text not null,
            message_seq bigint not null,
            replaced_seq bigint not null,
            text text not null,
            payload json,
            primary key (channel, message_seq, replaced_seq),
            foreign key (channel, message_seq) references messages (channel, seq) on delete cascade);

        create table read_marks (
            channel text not null references channels (name) on delete cascade,
            user_id text not null,
            seq bigint not null,
            read_at timestamptz not null default now(),
            primary key (channel, user_id));
        create index read_marks_by_user on read_marks (user_id);
        """;

    /// <summary>
    /// Changes one message: the channel's row is the lock and the counter, as in <c>append_messages</c>. Decides under that lock whether the actor may, and whether there is anything to do:
    /// outcome 'done', 'same' (it is so already: answered with the last change), 'notFound', 'forbidden', 'gone' (deleted before), 'empty', 'reasonNeeded' (to remove somebody else's).
    /// </summary>
    const string ChangeMessage = """
        create function change_message(
            p_channel text, p_kind text, p_id text, p_actor text, p_moderator boolean, p_text text, p_reason text, p_at timestamptz)
        returns table (outcome text, change_seq bigint, channel_epoch bigint, of_seq bigint, of_author text)
        language plpgsql as $$
        declare
            v_seq bigint;
            v_epoch bigint;
            v_message messages%rowtype;
        begin
            select c.seq, c.epoch into v_seq, v_epoch from channels c where c.name = p_channel for update;
            -- From here on each statement sees what the previous holder of this lock has committed.
            select m.* into v_message from messages m where m.channel = p_channel and m.id = p_id;
            outcome := case
                when v_message.id is null then 'notFound'
                when v_message.author <> p_actor and not (p_kind = 'deleted' and p_moderator) then 'forbidden'
                when v_message.deleted_at is not null then case p_kind when 'deleted' then 'same' else 'gone' end
                when p_kind = 'updated' and v_message.text = p_text then 'same'
                when p_kind = 'updated' and p_text = '' and coalesce(json_array_length(v_message.payload -> 'attachments'), 0) = 0 then 'empty'
                when v_message.author <> p_actor and p_reason is null then 'reasonNeeded'
                else 'done' end;
            change_seq := coalesce(v_message.changed_seq, v_message.seq);
            channel_epoch := v_epoch;
            of_seq := v_message.seq;
            of_author := v_message.author;

            if outcome = 'done' then
                change_seq := v_seq + 1;
                insert into message_texts (channel, message_seq, replaced_seq, text, payload)
                values (p_channel, of_seq, change_seq, v_message.text, case p_kind when 'deleted' then v_message.payload end);
                insert into message_changes (channel, seq, kind, message_id, message_seq, actor, reason, created_at)
                values (p_channel, change_seq, p_kind, p_id, of_seq, p_actor, case when of_author <> p_actor then p_reason end, p_at);
                if p_kind = 'updated' then
                    update messages m set text = p_text, edited_at = p_at, changed_seq = change_seq where m.channel = p_channel and m.seq = of_seq;
                else
                    update messages m set text = '', payload = null, deleted_at = p_at, changed_seq = change_seq where m.channel = p_channel and m.seq = of_seq;
                end if;
                update channels c set seq = change_seq where c.name = p_channel;
                insert into outbox (kind, key, epoch, number) values ('messages', p_channel, v_epoch, change_seq);
            end if;
            return next;
        end $$;
        """;
}
