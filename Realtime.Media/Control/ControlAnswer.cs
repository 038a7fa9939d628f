using System.Text.Json;
using Realtime.Contracts;

namespace Realtime.Media.Control;

/// <summary>An answer as it goes over the wire, and as it is remembered for a repeated command.</summary>
public sealed record ControlAnswer(int Status, byte[] Body)
{
    const string ContentType = "application/json";

    public static ControlAnswer Of<T>(T value) => new(StatusCodes.Status200OK, JsonSerializer.SerializeToUtf8Bytes(value, ContractsJson.Options));

    public static ControlAnswer Refuse(RealtimeError error) =>
        new(StatusOf(error), JsonSerializer.SerializeToUtf8Bytes(error, ContractsJson.Options)) { IsFinal = error.RetryAfterMs is null };

    /// <summary>False: "later" is no answer to a command that is repeated later.</summary>
    public bool IsFinal { get; private init; } = true;

    public IResult ToResult() => Results.Text(Body, ContentType, Status);

    /// <summary>A refusal by a living node is a 4xx, a drain included; 500 is a contained fault, with its incident. What is above counts against the node's circuit.</summary>
    static int StatusOf(RealtimeError error) => error.Code switch
    {
        ErrorCode.Invalid => StatusCodes.Status400BadRequest,
        ErrorCode.Unsupported => StatusCodes.Status422UnprocessableEntity,
        ErrorCode.Unauthenticated => StatusCodes.Status401Unauthorized,
        ErrorCode.Forbidden => StatusCodes.Status403Forbidden,
        ErrorCode.NotFound => StatusCodes.Status404NotFound,
        ErrorCode.TooLarge => StatusCodes.Status413PayloadTooLarge,
        ErrorCode.RateLimited => StatusCodes.Status429TooManyRequests,
        ErrorCode.Internal => StatusCodes.Status500InternalServerError,
        ErrorCode.UnknownOutcome => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status409Conflict,
    };
}
