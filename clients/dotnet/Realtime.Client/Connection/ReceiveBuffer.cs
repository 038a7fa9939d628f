namespace Realtime.Client.Connection;

/// <summary>Received bytes until they are whole messages. Grows with a large message up to <see cref="MaxBytes"/>, and shrinks back after it.</summary>
sealed class ReceiveBuffer
{
    /// <summary>A join's answer with its history is a few hundred KB at most; a server that sends more without an end is none of ours.</summary>
    public const int MaxBytes = 4 << 20;

    const int UsualBytes = 16 << 10;
    const int LeastRoom = 4 << 10;

    byte[] _bytes = new byte[UsualBytes];
    int _start;
    int _end;

    public ReadOnlyMemory<byte> Received => _bytes.AsMemory(_start.._end);

    /// <summary>Where the next bytes go; <see cref="Advance"/> says how many came.</summary>
    /// <exception cref="InvalidDataException">More than <see cref="MaxBytes"/> without an end.</exception>
    public Memory<byte> Room()
    {
        if (_bytes.Length - _end < LeastRoom)
            MakeRoom();
        return _bytes.AsMemory(_end);
    }

    public void Advance(int count) => _end += count;

    /// <summary>Only this is left to be read.</summary>
    public void Keep(int rest)
    {
        _start = _end - rest;
        if (rest > 0)
            return;
        (_start, _end) = (0, 0);
        if (_bytes.Length > UsualBytes)
            _bytes = new byte[UsualBytes];
    }

    void MakeRoom()
    {
        var rest = Received;
        if (rest.Length > MaxBytes)
            throw new InvalidDataException("The server sends a message without end.");
        var target = rest.Length > _bytes.Length / 2 ? new byte[_bytes.Length * 2] : _bytes;
        rest.CopyTo(target);
        (_bytes, _start, _end) = (target, 0, rest.Length);
    }
}
