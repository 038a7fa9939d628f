using System.Text.Json;
using Realtime.Contracts;

namespace Realtime.Client;

/// <summary>A refused or failed call. <see cref="Code"/> says whose fault it was, <see cref="IsRetryable"/> whether the same call may succeed later.</summary>
public sealed class RealtimeException : Exception
{
    public RealtimeException(RealtimeError error, Exception? inner = null)
        : base(error.Message, inner) => Error = error;

    /// <summary>As the server said it.</summary>
    public RealtimeError Error { get; }

    /// <summary>One of <see cref="ErrorCode"/>.</summary>
    public string Code => Error.Code;

    /// <summary>The member of the request at fault, when one is.</summary>
    public string? Field => Error.Field;

    /// <summary>When a retry makes sense, if the server said so.</summary>
    public TimeSpan? RetryAfter => Error.RetryAfterMs is { } ms ? TimeSpan.FromMilliseconds(ms) : null;

    /// <summary>The id of the crash report, for <see cref="ErrorCode.Internal"/>.</summary>
    public string? Incident => Error.Incident;

    /// <summary>The same call, with the same ids, may succeed later.</summary>
    public bool IsRetryable =>
        Code is ErrorCode.RateLimited or ErrorCode.Unavailable or ErrorCode.Degraded or ErrorCode.UnknownOutcome || (Code == ErrorCode.Conflict && Error.RetryAfterMs is not null);

    internal static RealtimeException NotConnected(Exception? inner = null) => new(new RealtimeError(ErrorCode.Unavailable, "Not connected."), inner);

    internal static RealtimeException Closed() => new(new RealtimeError(ErrorCode.Unavailable, "The client is closed."));

    internal static RealtimeException Unknown(string message, Exception? inner = null) => new(new RealtimeError(ErrorCode.UnknownOutcome, message), inner);

    /// <summary>An error of the contract in a text: SignalR puts a sentence of its own before it. What is none leaves the outcome unknown.</summary>
    internal static RealtimeException Parse(string text) => new(TryParse(text, out var error) ? error : new RealtimeError(ErrorCode.UnknownOutcome, text));

    internal static bool TryParse(string text, out RealtimeError error)
    {
        error = new RealtimeError(ErrorCode.Internal, "");
        var (start, end) = (text.IndexOf('{', StringComparison.Ordinal), text.LastIndexOf('}'));
        if (start < 0 || end < start)
            return false;
        try
        {
            if (JsonSerializer.Deserialize<RealtimeError>(text[start..(end + 1)], ContractsJson.Options) is not { Code: not null } read)
                return false;
            error = read.Message is null ? read with { Message = read.Code } : read;
            return true;
        }
        catch (JsonException)
        {
            // Some other text with braces in it.
            return false;
        }
    }
}
