using StackExchange.Redis.Resp;

namespace Realtime.Tests.Minimal.Redis;

/// <summary>A reply as one line, to compare and to read in a failure.</summary>
internal static class RespText
{
    public static string Of(RespValue value) => value.Kind switch
    {
        RespKind.Null => "Null",
        RespKind.Array or RespKind.Map or RespKind.Set or RespKind.Push => $"{value.Kind}[{string.Join(' ', value.Items.Select(Of))}]",
        _ => $"{value.Kind}:{value.AsText()}",
    };
}
