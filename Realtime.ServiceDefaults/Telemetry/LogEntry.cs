using System.Collections;
using Microsoft.Extensions.Logging;

namespace Realtime.ServiceDefaults.Telemetry;

/// <summary>
/// One log entry, independent of who logged it: formatted, its values copied, its exception redacted; with the flow it was logged in, so that sinks still find the scopes and the trace.
/// </summary>
sealed class LogEntry
{
    readonly ILogger _sink;
    readonly LogLevel _level;
    readonly EventId _id;
    readonly Values _values;
    readonly Exception? _exception;
    readonly ExecutionContext? _flow;

    LogEntry(ILogger sink, LogLevel level, EventId id, Values values, Exception? exception)
    {
        (_sink, _level, _id, _values, _exception) = (sink, level, id, values, exception);
        _flow = ExecutionContext.Capture();
    }

    public static LogEntry Of<TState>(ILogger sink, LogLevel level, EventId id, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var logged = exception is null ? null : new LoggedException(exception);
        var message = formatter(state, logged);
        return new LogEntry(sink, level, id, new Values(state as IReadOnlyList<KeyValuePair<string, object?>>, message), logged);
    }

    /// <summary>May throw what the sinks throw.</summary>
    public void Write()
    {
        if (_flow is null)
            WriteNow(this);
        else
            ExecutionContext.Run(_flow, static entry => WriteNow((LogEntry)entry!), this);
    }

    static void WriteNow(LogEntry entry) => entry._sink.Log(entry._level, entry._id, entry._values, entry._exception, static (values, _) => values.ToString());

    /// <summary>What sinks read: named values that nobody changes any more, and the finished message.</summary>
    sealed class Values : IReadOnlyList<KeyValuePair<string, object?>>
    {
        readonly KeyValuePair<string, object?>[] _values;
        readonly string _message;

        public Values(IReadOnlyList<KeyValuePair<string, object?>>? values, string message)
        {
            _message = message;
            _values = values is null ? [] : new KeyValuePair<string, object?>[values.Count];
            for (var i = 0; i < _values.Length; i++)
                _values[i] = new(values![i].Key, Settled(values[i].Value));
        }

        public int Count => _values.Length;

        public KeyValuePair<string, object?> this[int index] => _values[index];

        public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => ((IEnumerable<KeyValuePair<string, object?>>)_values).GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        public override string ToString() => _message;

        static object? Settled(object? value) => value is null or string or ValueType ? value : value.ToString();
    }
}

/// <summary>An exception as logs show it: its type, its stack, and its message without what somebody may have sent (<see cref="Redaction"/>).</summary>
sealed class LoggedException(Exception inner) : Exception
{
    readonly string _text = Describe(inner);

    public override string Message => $"{inner.GetType().FullName}: {Redaction.MessageOf(inner)}";

    public override string? StackTrace => inner.StackTrace;

    public override string ToString() => _text;

    static string Describe(Exception exception)
    {
        const int MaxDepth = 8;
        var lines = new List<string>();
        var depth = 0;
        for (var one = exception; one is not null && depth < MaxDepth; one = one.InnerException, depth++)
        {
            lines.Add($"{(depth == 0 ? "" : " ---> ")}{one.GetType().FullName}: {Redaction.MessageOf(one)}");
            if (one.StackTrace is { } stack)
                lines.Add(stack);
        }
        return string.Join(Environment.NewLine, lines);
    }
}
