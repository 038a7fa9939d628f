using Realtime.Contracts;
using Realtime.Signaling.Access;
using Realtime.Signaling.Data;
using Realtime.Tests.Harness;
using Xunit;

namespace Realtime.Tests.Signaling.Hubs;

/// <summary>Read marks, and what a message says of other people and messages, across two replicas.</summary>
public sealed class ReadMarksTests(RoomyReplicas replicas) : IClassFixture<RoomyReplicas>
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    static string NewName() => $"c{Guid.NewGuid():N}";

    async Task<HubClient> EnterAsync(string user, string channel, int replica = 0)
    {
        var client = await replicas.ConnectAsync(user, replica);
        await client.InvokeAsync<HelloResult>("Hello", new HelloRequest());
        await JoinAsync(client, channel);
        return client;
    }

    static Task<JoinChannelResult> JoinAsync(HubClient client, string channel) => client.InvokeAsync<JoinChannelResult>("JoinChannel", new JoinChannelRequest(channel));

    static Task<SendMessageResult> SendAsync(HubClient client, SendMessageRequest request) => client.InvokeAsync<SendMessageResult>("SendMessage", request);

    static SendMessageRequest Saying(string channel, string text) => new(channel, Guid.NewGuid().ToString(), text);

    static Task<Done> MarkAsync(HubClient client, string channel, long? seq) => client.InvokeAsync<Done>("MarkRead", new MarkReadRequest(channel, seq));

    static async Task<ReadMarkEvent> NextMarkAsync(HubClient client)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            var next = await client.Events.ReadAsync(patience.Token);
            if (next.Name == HubEvent.ReadMark)
                return next.Read<ReadMarkEvent>();
        }
    }

    [Fact]
    public async Task A_mark_is_told_everywhere_never_moves_back_and_is_there_when_one_joins_again()
    {
        var channel = NewName();
        await using var ann = await EnterAsync("ann", channel);
        await using var bob = await EnterAsync("bob", channel, replica: 1);
        for (var i = 0; i < 5; i++)
            await SendAsync(ann, Saying(channel, $"{i}"));
        Assert.Null((await JoinAsync(bob, channel)).Read);
        await MarkAsync(bob, channel, 3);
        Assert.Equal(new ReadMarkEvent(channel, "bob", 3), await NextMarkAsync(ann));
        await MarkAsync(bob, channel, 2);
        await MarkAsync(bob, channel, 5);
        Assert.Equal(new ReadMarkEvent(channel, "bob", 5), await NextMarkAsync(ann));
        await using var elsewhere = await EnterAsync("bob", channel);
        Assert.Equal(5, (await JoinAsync(elsewhere, channel)).Read);
    }

    [Fact]
    public async Task Many_marks_of_many_users_are_few_writes()
    {
        var channel = NewName();
        await using var ann = await EnterAsync("ann", channel);
        for (var i = 0; i < 20; i++)
            await SendAsync(ann, Saying(channel, $"{i}"));
        for (var seq = 1; seq <= 20; seq++)
            await MarkAsync(ann, channel, seq);
        Assert.Equal(20, (await JoinAsync(ann, channel)).Read);
        await Eventually.TrueAsync(async () => await replicas.Service<ReadMarkStore>(1).FindAsync(channel, "ann", default) == 20);
        var entries = await replicas.Service<Database>(0).RunAsync("test", async (connection, token) =>
        {
            await using var command = new Npgsql.NpgsqlCommand("select count(*) from outbox where kind = 'readMarks' and key = $1", connection);
            command.Parameters.Add(new() { Value = channel });
            return (long)(await command.ExecuteScalarAsync(token))!;
        }, default);
        Assert.InRange(entries, 1, 10);
    }

    [Fact]
    public async Task What_is_no_mark_is_refused()
    {
        var channel = NewName();
        await using var ann = await EnterAsync("ann", channel);
        await SendAsync(ann, Saying(channel, "1"));
        await RefusedAsync(ErrorCode.Invalid, "seq", MarkAsync(ann, channel, null));
        await RefusedAsync(ErrorCode.Invalid, "seq", MarkAsync(ann, channel, 0));
        await RefusedAsync(ErrorCode.Invalid, "seq", MarkAsync(ann, channel, 2));
        await RefusedAsync(ErrorCode.Invalid, "seq", MarkAsync(ann, channel, long.MaxValue));
        await RefusedAsync(ErrorCode.NotFound, "channel", MarkAsync(ann, NewName(), 1));
    }

    [Fact]
    public async Task An_answer_stands_beside_what_it_answers_and_a_retry_is_not_refused_for_what_happened_since()
    {
        var (channel, other) = (NewName(), NewName());
        await using var ann = await EnterAsync("ann", channel);
        await using var bob = await EnterAsync("bob", channel, replica: 1);
        var question = await SendAsync(ann, Saying(channel, "why?"));
        var answer = Saying(channel, "because") with { ReplyTo = question.Id };
        var stored = await SendAsync(bob, answer);
        await RefusedAsync(ErrorCode.Invalid, "replyTo", SendAsync(bob, Saying(channel, "x") with { ReplyTo = "nothing" }));
        await RefusedAsync(ErrorCode.Invalid, "replyTo", SendAsync(bob, Saying(other, "x") with { ReplyTo = question.Id }));
        await ann.InvokeAsync<ChangeMessageResult>("DeleteMessage", new DeleteMessageRequest(channel, question.Id));
        await RefusedAsync(ErrorCode.Invalid, "replyTo", SendAsync(bob, Saying(channel, "x") with { ReplyTo = question.Id }));
        var again = await SendAsync(bob, answer);
        Assert.Equal((stored.Id, stored.Seq, true), (again.Id, again.Seq, again.Duplicate));
    }

    [Fact]
    public async Task Only_who_can_read_it_is_mentioned()
    {
        var channel = NewName();
        await using var ann = await EnterAsync("ann", channel);
        await SendAsync(ann, Saying(channel, "hello all") with { Mentions = ["anybody"] });
        // Private from here on, with one member besides ann.
        await replicas.Service<Database>(0).RunAsync("test", async (connection, token) =>
        {
            await using var command = new Npgsql.NpgsqlCommand(
                """
                with made as (update channels set kind = 'private' where name = $1 returning name)
                insert into channel_members (channel, user_id, role, added_by) select name, u, 'member', 'test' from made, unnest(array['ann', 'bob']) u
                """, connection);
            command.Parameters.Add(new() { Value = channel });
            await command.ExecuteNonQueryAsync(token);
        }, default);
        replicas.Service<ChannelAccess>(0).Forget(channel);
        await SendAsync(ann, Saying(channel, "hello bob") with { Mentions = ["bob"] });
        await RefusedAsync(ErrorCode.Invalid, "mentions", SendAsync(ann, Saying(channel, "hello eve") with { Mentions = ["bob", "eve"] }));
        await RefusedAsync(ErrorCode.Invalid, "mentions", SendAsync(ann, Saying(channel, "hello bob") with { Mentions = ["bob", "bob"] }));
    }

    static async Task RefusedAsync(string code, string field, Task call)
    {
        var refused = await Assert.ThrowsAsync<HubCallException>(() => call);
        Assert.Equal((code, field), (refused.Error.Code, refused.Error.Field));
    }
}
