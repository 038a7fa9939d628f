using Realtime.Signaling.Data;
using Realtime.Signaling.Fanout;

namespace Realtime.Signaling.Access;

/// <summary>What Postgres no longer has, or has no longer as it was, is forgotten in memory too.</summary>
public sealed class RetentionNews(ChannelFeeds feeds) : IOutboxConsumer
{
    /// <summary>The events of the channel <c>key</c> up to <c>number</c> are gone.</summary>
    public const string Trimmed = "trimmed";

    /// <summary>… are to be read again.</summary>
    public const string Rewritten = "rewritten";

    public bool Takes(string kind) => kind is Trimmed or Rewritten;

    public Task BeginAsync(CancellationToken cancellation) => Task.CompletedTask;

    public void Take(OutboxEntry entry) => feeds.Find(entry.Key)?.ForgetPast(entry.Number, gone: entry.Kind == Trimmed);
}
