namespace Realtime.Signaling.Data;

/// <summary>Who acts on outbox entries of a kind. Entries may come again, and late; acting twice must do no harm.</summary>
public interface IOutboxConsumer
{
    bool Takes(string kind);

    /// <summary>Called before the first entry: reads what was there before it.</summary>
    Task BeginAsync(CancellationToken cancellation);

    void Take(OutboxEntry entry);

    /// <summary>The outbox was read to its end: what was learnt from it is true as of now.</summary>
    void Current()
    {
    }
}
