using Realtime.Signaling.Presence;
using Xunit;

namespace Realtime.Tests.Signaling.Presence;

public class TypingBoardTests
{
    static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Typing_ends_with_a_message_or_its_time()
    {
        var board = new TypingBoard();
        Assert.Equal(Now.AddSeconds(15), board.Start("s", "ann", "c", Now));
        Assert.False(board.Stop("s", "ann", "other", Now));
        Assert.True(board.Stop("s", "ann", "c", Now.AddSeconds(5)));
        Assert.False(board.Stop("s", "ann", "c", Now.AddSeconds(5)));
        board.Start("s", "ann", "c", Now);
        Assert.False(board.Stop("s", "ann", "c", Now.AddSeconds(16)));
        Assert.Equal(0, board.Count);
    }

    [Fact]
    public void The_end_of_a_session_takes_back_what_it_said_and_nothing_else()
    {
        var board = new TypingBoard();
        board.Start("s1", "ann", "a", Now);
        board.Start("s1", "ann", "b", Now);
        board.Start("s2", "ann", "b", Now);
        board.Start("s3", "bob", "a", Now);
        Assert.Equal(["a"], board.EndSession("s1", "ann", Now));
        Assert.Empty(board.EndSession("s1", "ann", Now));
        Assert.Equal(2, board.Count);
    }

    [Fact]
    public void A_sweep_drops_what_is_over()
    {
        var board = new TypingBoard();
        board.Start("s1", "ann", "a", Now);
        board.Start("s2", "bob", "a", Now.AddSeconds(10));
        Assert.Equal(1, board.Sweep(Now.AddSeconds(15)));
        Assert.Equal(["a"], board.EndSession("s2", "bob", Now.AddSeconds(15)));
    }

    [Fact]
    public void It_does_not_grow_without_bound()
    {
        var board = new TypingBoard();
        for (var i = 0; i < TypingBoard.MaxTypists + 10; i++)
            board.Start($"s{i}", $"u{i}", "c", Now);
        Assert.Equal(TypingBoard.MaxTypists, board.Count);
        Assert.Equal(TypingBoard.MaxTypists, board.Sweep(Now.AddSeconds(15)));
    }
}
