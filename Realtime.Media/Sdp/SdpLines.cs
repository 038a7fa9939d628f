namespace Realtime.Media.Sdp;

/// <summary>One line <c>x=value</c>; <see cref="Type"/> is NUL when it has another form. Numbers count from 1.</summary>
public readonly ref struct SdpLine(char type, ReadOnlySpan<char> value, int number)
{
    public char Type { get; } = type;

    public ReadOnlySpan<char> Value { get; } = value;

    public int Number { get; } = number;

    /// <summary>An attribute's name and what follows the colon, if any.</summary>
    public void SplitAttribute(out ReadOnlySpan<char> name, out ReadOnlySpan<char> value)
    {
        var colon = Value.IndexOf(':');
        name = colon < 0 ? Value : Value[..colon];
        value = colon < 0 ? default : Value[(colon + 1)..].Trim(' ');
    }
}

/// <summary>The lines of a text, ended by CRLF, LF or the end (RFC 8866 §5 asks readers to take both). Empty lines are passed over.</summary>
public ref struct SdpLines(ReadOnlySpan<char> text)
{
    ReadOnlySpan<char> rest = text;
    int number;

    public SdpLine Current { get; private set; }

    public readonly SdpLines GetEnumerator() => this;

    public bool MoveNext()
    {
        while (!rest.IsEmpty)
        {
            var end = rest.IndexOf('\n');
            var line = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 1)..];
            number++;
            line = line.TrimEnd('\r').TrimEnd(' ');
            if (line.IsEmpty) continue;
            Current = line.Length >= 2 && line[1] == '=' && char.IsAsciiLetterLower(line[0])
                ? new SdpLine(line[0], line[2..], number)
                : new SdpLine('\0', line, number);
            return true;
        }

        return false;
    }
}
