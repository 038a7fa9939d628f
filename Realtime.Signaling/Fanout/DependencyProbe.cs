using Npgsql;
using Realtime.ServiceDefaults.CrashSafety;
using Realtime.Signaling.Data;
using StackExchange.Redis;

namespace Realtime.Signaling.Fanout;

/// <summary>
/// Asks a dependency every second (± 20 %) whether it is there, through the way its users take, and decides on its circuit when users do not: three failures in a row count
/// as calls that failed, three successes close an open circuit. So an outage is noticed without traffic, and its end within seconds.
/// </summary>
public abstract class DependencyProbe(CircuitBreaker circuit, Supervisor supervisor, string name) : SupervisedService(supervisor, name)
{
    const int SuccessesToClose = 3;

    static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    static readonly TimeSpan AnswerWithin = TimeSpan.FromSeconds(2);

    protected override TimeSpan? HeartbeatTimeout => TimeSpan.FromMinutes(1);

    protected abstract Task AskAsync(CancellationToken cancellation);

    protected abstract bool IsAway(Exception exception);

    protected sealed override async Task RunLoopAsync(CancellationToken stopping)
    {
        var successes = 0;
        while (true)
        {
            Heartbeat();
            if (!await AnswersAsync(stopping))
                successes = 0;
            else if (circuit.State == CircuitState.Closed)
                successes = 0;
            else if (++successes >= SuccessesToClose)
                circuit.Reset();
            await Task.Delay(Every * (0.8 + (0.4 * Random.Shared.NextDouble())), Time, stopping);
        }
    }

    async Task<bool> AnswersAsync(CancellationToken stopping)
    {
        // While the circuit is open the probe goes past it: that is what it is for. Closed, its verdict counts like any other.
        var counted = circuit.State == CircuitState.Closed && circuit.TryEnter(out var ticket) ? ticket : (CircuitTicket?)null;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        deadline.CancelAfter(AnswerWithin);
        try
        {
            await AskAsync(deadline.Token);
            if (counted is { } entered)
                circuit.Success(entered);
            return true;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            if (counted is { } entered)
                circuit.Abandon(entered);
            throw;
        }
        catch (Exception exception) when (exception is OperationCanceledException or TimeoutException || IsAway(exception))
        {
            if (counted is { } entered)
                circuit.Failure(entered, exception is OperationCanceledException ? nameof(TimeoutException) : exception.GetType().Name);
            return false;
        }
    }
}

/// <summary>Connect, PING, and a round trip through publish and subscribe: a half-dead subscription connection answers PINGs.</summary>
public sealed class RedisProbe(RedisNews redis, ReplicaIdentity self, Supervisor supervisor) : DependencyProbe(redis.Circuit, supervisor, "fanout.redisProbe")
{
    readonly RedisChannel _channel = RedisChannel.Literal("rt:probe:" + self.Boot);
    volatile TaskCompletionSource<string>? _waiting;
    bool _subscribed;

    protected override async Task AskAsync(CancellationToken cancellation)
    {
        var subscriber = redis.Connection.GetSubscriber();
        await subscriber.PingAsync().WaitAsync(cancellation);
        if (!_subscribed)
        {
            await subscriber.SubscribeAsync(_channel, (_, message) => _waiting?.TrySetResult(message.ToString())).WaitAsync(cancellation);
            _subscribed = true;
        }
        var waiting = _waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var sent = Guid.NewGuid().ToString("N");
        await subscriber.PublishAsync(_channel, sent).WaitAsync(cancellation);
        // An answer to an earlier question is as good: the way is open.
        await waiting.Task.WaitAsync(cancellation);
    }

    protected override bool IsAway(Exception exception) => exception is RedisException;
}

/// <summary>One trivial query on a connection of the pool.</summary>
public sealed class DatabaseProbe(Database database, Supervisor supervisor) : DependencyProbe(database.Circuit, supervisor, "fanout.databaseProbe")
{
    protected override async Task AskAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        await using var command = new NpgsqlCommand("select 1", connection);
        await command.ExecuteScalarAsync(cancellation);
    }

    protected override bool IsAway(Exception exception) => exception is NpgsqlException or IOException or System.Net.Sockets.SocketException;
}
