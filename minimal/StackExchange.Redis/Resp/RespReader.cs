using System.Buffers;
using System.Buffers.Text;
using System.Globalization;

namespace StackExchange.Redis.Resp;

internal enum RespStatus
{
    NeedMore,
    Value,
    /// <summary>The stream is not RESP3 or breaks a limit: it cannot be read any further.</summary>
    Malformed,
}

/// <summary>
/// Decodes a RESP3 stream that arrives in pieces. Elements already read are kept between calls, so a long reply in many
/// pieces is scanned once. Never throws on input.
/// </summary>
internal sealed class RespReader(RespLimits limits)
{
    readonly Stack<Aggregate> _open = new();
    int _elements;
    long _replyBytes;
    long _bulkBytes = -1;
    RespKind _bulkKind;
    bool _bulkVerbatim;

    /// <summary>What was wrong, after <see cref="RespStatus.Malformed"/>.</summary>
    public string? Error { get; private set; }

    /// <summary>Takes one reply from the front of <paramref name="buffer"/>, which moves past everything that was consumed.</summary>
    public RespStatus TryRead(ref ReadOnlySequence<byte> buffer, out RespValue value)
    {
        value = default;
        while (Error is null)
        {
            RespValue scalar;
            var status = _bulkBytes >= 0 ? TryReadBulk(ref buffer, out scalar) : TryReadLine(ref buffer, out scalar);
            if (status == RespStatus.NeedMore)
                return status;
            if (status == RespStatus.Malformed)
                break;
            if (_bulkBytes < 0 && TryComplete(scalar, out value))
                return RespStatus.Value;
        }
        return RespStatus.Malformed;
    }

    /// <summary>Puts a finished element where it belongs; true when that finished the whole reply.</summary>
    bool TryComplete(RespValue element, out RespValue reply)
    {
        // An aggregate's header is pushed by TryReadLine, which hands back an Attribute without items as "nothing yet".
        while (true)
        {
            if (element.Kind == RespKind.Attribute)
            {
                reply = default;
                return false;
            }
            if (!_open.TryPeek(out var parent))
            {
                _elements = 0;
                _replyBytes = 0;
                reply = element;
                return true;
            }
            parent.Items[parent.Count++] = element;
            if (parent.Count < parent.Items.Length)
            {
                reply = default;
                return false;
            }
            _open.Pop();
            element = RespValue.FromItems(parent.Kind, parent.Items);
        }
    }

    RespStatus TryReadLine(ref ReadOnlySequence<byte> buffer, out RespValue value)
    {
        value = default;
        var reader = new SequenceReader<byte>(buffer);
        if (!reader.TryReadTo(out ReadOnlySequence<byte> sequence, (byte)'\n'))
            return buffer.Length > limits.MaxLineBytes ? Fail("a line is too long") : RespStatus.NeedMore;
        if (sequence.Length > limits.MaxLineBytes)
            return Fail("a line is too long");
        var line = sequence.IsSingleSegment ? sequence.FirstSpan : sequence.ToArray();
        if (line.Length < 2 || line[^1] != '\r')
            return Fail("a line does not end with CR LF");
        buffer = buffer.Slice(reader.Position);
        return Decode(line[0], line[1..^1], out value);
    }

    RespStatus Decode(byte type, ReadOnlySpan<byte> rest, out RespValue value)
    {
        value = default;
        switch (type)
        {
            case (byte)'+':
                value = RespValue.FromBytes(RespKind.SimpleString, rest.ToArray());
                return RespStatus.Value;
            case (byte)'-':
                value = RespValue.FromBytes(RespKind.Error, rest.ToArray());
                return RespStatus.Value;
            case (byte)'(':
                value = RespValue.FromBytes(RespKind.BigNumber, rest.ToArray());
                return RespStatus.Value;
            case (byte)'_':
                return rest.IsEmpty ? RespStatus.Value : Fail("a null carries data");
            case (byte)':':
                if (!TryParse(rest, out long integer))
                    return Fail("an integer is malformed");
                value = RespValue.FromInteger(integer);
                return RespStatus.Value;
            case (byte)',':
                if (!TryParse(rest, out double number))
                    return Fail("a double is malformed");
                value = RespValue.FromDouble(number);
                return RespStatus.Value;
            case (byte)'#':
                if (!rest.SequenceEqual("t"u8) && !rest.SequenceEqual("f"u8))
                    return Fail("a boolean is malformed");
                value = RespValue.FromBoolean(rest[0] == 't');
                return RespStatus.Value;
            case (byte)'$':
                return BeginBulk(rest, RespKind.BulkString, verbatim: false, out value);
            case (byte)'=':
                return BeginBulk(rest, RespKind.BulkString, verbatim: true, out value);
            case (byte)'!':
                return BeginBulk(rest, RespKind.Error, verbatim: false, out value);
            case (byte)'*':
                return BeginAggregate(rest, RespKind.Array, 1, out value);
            case (byte)'~':
                return BeginAggregate(rest, RespKind.Set, 1, out value);
            case (byte)'>':
                return BeginAggregate(rest, RespKind.Push, 1, out value);
            case (byte)'%':
                return BeginAggregate(rest, RespKind.Map, 2, out value);
            case (byte)'|':
                return BeginAggregate(rest, RespKind.Attribute, 2, out value);
            default:
                return Fail(string.Create(CultureInfo.InvariantCulture, $"0x{type:x2} announces no type"));
        }
    }

    RespStatus BeginBulk(ReadOnlySpan<byte> header, RespKind kind, bool verbatim, out RespValue value)
    {
        value = default;
        if (!TryParse(header, out long length) || length < -1)
            return Fail("a bulk length is malformed");
        if (length == -1)
            return RespStatus.Value;
        if (length > limits.MaxBulkBytes)
            return Fail("a bulk string is too long");
        if ((_replyBytes += length) > limits.MaxReplyBytes)
            return Fail("a reply is too long");
        _bulkBytes = length;
        _bulkKind = kind;
        _bulkVerbatim = verbatim;
        return RespStatus.Value;
    }

    RespStatus TryReadBulk(ref ReadOnlySequence<byte> buffer, out RespValue value)
    {
        value = default;
        if (buffer.Length < _bulkBytes + 2)
            return RespStatus.NeedMore;
        Span<byte> end = stackalloc byte[2];
        buffer.Slice(_bulkBytes, 2).CopyTo(end);
        if (!end.SequenceEqual("\r\n"u8))
            return Fail("a bulk string does not end with CR LF");
        var payload = buffer.Slice(0, _bulkBytes);
        if (_bulkVerbatim)
        {
            if (payload.Length < 4)
                return Fail("a verbatim string lacks its format");
            payload = payload.Slice(4);
        }
        value = RespValue.FromBytes(_bulkKind, payload.ToArray());
        buffer = buffer.Slice(_bulkBytes + 2);
        _bulkBytes = -1;
        return RespStatus.Value;
    }

    RespStatus BeginAggregate(ReadOnlySpan<byte> header, RespKind kind, int perEntry, out RespValue value)
    {
        value = default;
        if (!TryParse(header, out long entries) || entries < -1)
            return Fail("an aggregate's length is malformed");
        if (entries == -1)
            return RespStatus.Value;
        if (entries > limits.MaxElements / perEntry || (_elements += (int)entries * perEntry) > limits.MaxElements)
            return Fail("a reply has too many elements");
        if (_open.Count == limits.MaxDepth)
            return Fail("a reply is nested too deep");
        if (entries > 0)
            _open.Push(new Aggregate(kind, new RespValue[entries * perEntry]));
        // Nothing yet: the elements follow. An empty aggregate is complete as it stands (and an empty attribute is dropped).
        value = RespValue.FromItems(entries > 0 ? RespKind.Attribute : kind, []);
        return RespStatus.Value;
    }

    static bool TryParse(ReadOnlySpan<byte> text, out long value)
    {
        if (text.Length > 1 && text[0] == '+')
            text = text[1..];
        return Utf8Parser.TryParse(text, out value, out var used) && used == text.Length;
    }

    static bool TryParse(ReadOnlySpan<byte> text, out double value)
    {
        (var special, value) = text switch
        {
            _ when text.SequenceEqual("inf"u8) || text.SequenceEqual("+inf"u8) => (true, double.PositiveInfinity),
            _ when text.SequenceEqual("-inf"u8) => (true, double.NegativeInfinity),
            _ when text.SequenceEqual("nan"u8) || text.SequenceEqual("-nan"u8) => (true, double.NaN),
            _ => (false, 0),
        };
        return special || (Utf8Parser.TryParse(text, out value, out var used) && used == text.Length);
    }

    RespStatus Fail(string error)
    {
        Error = error;
        return RespStatus.Malformed;
    }

    sealed class Aggregate(RespKind kind, RespValue[] items)
    {
        public RespKind Kind => kind;

        public RespValue[] Items => items;

        public int Count { get; set; }
    }
}
