using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace StackExchange.Redis;

/// <summary>A value sent to or read from Redis: text, bytes or a number, equal when their bytes on the wire are equal.</summary>
public readonly struct RedisValue : IEquatable<RedisValue>
{
    /// <summary>No number takes more bytes on the wire.</summary>
    internal const int MaxNumberLength = 32;

    static readonly object IntegerTag = new();
    static readonly object DoubleTag = new();

    // null, IntegerTag, DoubleTag, a string or a byte[] (with offset and length in _bits).
    readonly object? _object;
    readonly long _bits;

    RedisValue(object? value, long bits)
    {
        _object = value;
        _bits = bits;
    }

    public static RedisValue Null => default;

    public static RedisValue EmptyString { get; } = new("", 0);

    public bool IsNull => _object is null;

    public bool HasValue => !IsNullOrEmpty;

    public bool IsNullOrEmpty => _object switch
    {
        null => true,
        string text => text.Length == 0,
        byte[] => (int)_bits == 0,
        _ => false,
    };

    public bool IsInteger => _object == IntegerTag;

    /// <summary>Bytes on the wire.</summary>
    public long Length() => _object switch
    {
        null => 0,
        string text => Encoding.UTF8.GetByteCount(text),
        byte[] => (int)_bits,
        _ => GetBytes(stackalloc byte[MaxNumberLength]).Length,
    };

    public bool TryParse(out long value)
    {
        if (_object == IntegerTag)
        {
            value = _bits;
            return true;
        }
        if (_object == DoubleTag)
        {
            var number = BitConverter.Int64BitsToDouble(_bits);
            value = number is >= long.MinValue and < long.MaxValue ? (long)number : 0;
            return value == number;
        }
        value = 0;
        var bytes = IsNull ? default : GetBytes(default);
        return Utf8Parser.TryParse(bytes, out value, out var used) && used == bytes.Length;
    }

    public bool TryParse(out int value)
    {
        var isInteger = TryParse(out long number) && number is >= int.MinValue and <= int.MaxValue;
        value = isInteger ? (int)number : 0;
        return isInteger;
    }

    public bool TryParse(out double value)
    {
        if (_object == IntegerTag || _object == DoubleTag)
        {
            value = _object == IntegerTag ? _bits : BitConverter.Int64BitsToDouble(_bits);
            return true;
        }
        value = 0;
        return !IsNull && ToString() switch
        {
            "inf" or "+inf" => (value = double.PositiveInfinity) > 0,
            "-inf" => (value = double.NegativeInfinity) < 0,
            var text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value),
        };
    }

    public static implicit operator RedisValue(string? value) => value is null ? default : new(value, 0);

    public static implicit operator RedisValue(byte[]? value) => value is null ? default : new(value, value.Length);

    public static implicit operator RedisValue(ReadOnlyMemory<byte> value) =>
        MemoryMarshal.TryGetArray(value, out var segment) && segment.Array is not null
            ? new RedisValue(segment.Array, ((long)segment.Offset << 32) | (uint)segment.Count)
            : value.ToArray();

    public static implicit operator RedisValue(Memory<byte> value) => (ReadOnlyMemory<byte>)value;

    public static implicit operator RedisValue(int value) => new(IntegerTag, value);

    public static implicit operator RedisValue(long value) => new(IntegerTag, value);

    public static implicit operator RedisValue(double value) => new(DoubleTag, BitConverter.DoubleToInt64Bits(value));

    public static implicit operator RedisValue(bool value) => value ? 1 : 0;

    public static implicit operator RedisValue(int? value) => value is null ? default : (RedisValue)value.Value;

    public static implicit operator RedisValue(long? value) => value is null ? default : (RedisValue)value.Value;

    public static implicit operator RedisValue(double? value) => value is null ? default : (RedisValue)value.Value;

    public static implicit operator RedisValue(bool? value) => value is null ? default : (RedisValue)value.Value;

    public static implicit operator string?(RedisValue value) => value._object switch
    {
        null => null,
        string text => text,
        _ => Encoding.UTF8.GetString(value.GetBytes(stackalloc byte[MaxNumberLength])),
    };

    public static implicit operator byte[]?(RedisValue value) => value._object switch
    {
        null => null,
        byte[] bytes when bytes.Length == (int)value._bits => bytes,
        _ => value.GetBytes(stackalloc byte[MaxNumberLength]).ToArray(),
    };

    public static implicit operator ReadOnlyMemory<byte>(RedisValue value) => value._object is byte[] bytes
        ? bytes.AsMemory((int)(value._bits >> 32), (int)value._bits)
        : (byte[]?)value ?? [];

    public static explicit operator long(RedisValue value) =>
        value.IsNull ? 0 : value.TryParse(out long number) ? number : throw value.Unable(typeof(long));

    public static explicit operator int(RedisValue value) => checked((int)(long)value);

    public static explicit operator double(RedisValue value) =>
        value.IsNull ? 0 : value.TryParse(out double number) ? number : throw value.Unable(typeof(double));

    public static explicit operator bool(RedisValue value) => (long)value switch
    {
        0 => false,
        1 => true,
        _ => throw value.Unable(typeof(bool)),
    };

    public static explicit operator long?(RedisValue value) => value.IsNull ? null : (long)value;

    public static explicit operator int?(RedisValue value) => value.IsNull ? null : (int)value;

    public static explicit operator double?(RedisValue value) => value.IsNull ? null : (double)value;

    public static explicit operator bool?(RedisValue value) => value.IsNull ? null : (bool)value;

    public static bool operator ==(RedisValue left, RedisValue right) => left.Equals(right);

    public static bool operator !=(RedisValue left, RedisValue right) => !left.Equals(right);

    public bool Equals(RedisValue other)
    {
        if (IsNull || other.IsNull)
            return IsNull && other.IsNull;
        if (_object is string left && other._object is string right)
            return left == right;
        if (_object == IntegerTag && other._object == IntegerTag)
            return _bits == other._bits;
        return GetBytes(stackalloc byte[MaxNumberLength]).SequenceEqual(other.GetBytes(stackalloc byte[MaxNumberLength]));
    }

    public override bool Equals(object? obj) => obj is RedisValue other && Equals(other);

    public override int GetHashCode()
    {
        if (IsNull)
            return -1;
        var hash = new HashCode();
        hash.AddBytes(GetBytes(stackalloc byte[MaxNumberLength]));
        return hash.ToHashCode();
    }

    public override string ToString() => (string?)this ?? "";

    internal bool TryGetText([NotNullWhen(true)] out string? text)
    {
        text = _object as string;
        return text is not null;
    }

    /// <summary>The bytes on the wire; a number is written into <paramref name="scratch"/> (<see cref="MaxNumberLength"/>).</summary>
    internal ReadOnlySpan<byte> GetBytes(Span<byte> scratch)
    {
        switch (_object)
        {
            case null:
                return default;
            case string text:
                return Encoding.UTF8.GetBytes(text);
            case byte[] bytes:
                return bytes.AsSpan((int)(_bits >> 32), (int)_bits);
        }
        int length;
        if (_object == IntegerTag)
        {
            Utf8Formatter.TryFormat(_bits, scratch, out length);
            return scratch[..length];
        }
        var number = BitConverter.Int64BitsToDouble(_bits);
        if (double.IsInfinity(number))
            return number > 0 ? "+inf"u8 : "-inf"u8;
        number.TryFormat(scratch, out length, default, CultureInfo.InvariantCulture);
        return scratch[..length];
    }

    InvalidCastException Unable(Type type) => new($"The value cannot be read as {type.Name}.");
}
