using Realtime.Contracts;

namespace Realtime.Media.Isolation;

/// <summary>What a worker answers to a command: a value, or an error that says whose fault it was.</summary>
public readonly record struct WorkerReply<T>(T? Value, RealtimeError? Error)
    where T : class
{
    public static implicit operator WorkerReply<T>(T value) => new(value, null);

    public static implicit operator WorkerReply<T>(RealtimeError error) => new(null, error);
}
