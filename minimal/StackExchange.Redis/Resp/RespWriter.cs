using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace StackExchange.Redis.Resp;

/// <summary>Encodes commands: an array of bulk strings, as every Redis reads them.</summary>
internal static class RespWriter
{
    public static void WriteCommand(IBufferWriter<byte> output, string name, ReadOnlySpan<RedisValue> arguments)
    {
        WriteHeader(output, (byte)'*', arguments.Length + 1);
        WriteText(output, name);
        foreach (ref readonly var argument in arguments)
            WriteValue(output, argument);
    }

    static void WriteValue(IBufferWriter<byte> output, in RedisValue value)
    {
        if (value.TryGetText(out var text))
        {
            WriteText(output, text);
            return;
        }
        Span<byte> scratch = stackalloc byte[RedisValue.MaxNumberLength];
        var bytes = value.GetBytes(scratch);
        WriteHeader(output, (byte)'$', bytes.Length);
        output.Write(bytes);
        output.Write("\r\n"u8);
    }

    static void WriteText(IBufferWriter<byte> output, string text)
    {
        WriteHeader(output, (byte)'$', Encoding.UTF8.GetByteCount(text));
        Encoding.UTF8.GetBytes(text, output);
        output.Write("\r\n"u8);
    }

    static void WriteHeader(IBufferWriter<byte> output, byte type, int length)
    {
        var span = output.GetSpan(16);
        span[0] = type;
        Utf8Formatter.TryFormat(length, span[1..], out var digits);
        "\r\n"u8.CopyTo(span[(1 + digits)..]);
        output.Advance(digits + 3);
    }
}
