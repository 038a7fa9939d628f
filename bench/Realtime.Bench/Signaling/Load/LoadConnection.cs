using System.Text;

namespace Realtime.Bench.Signaling.Load;

enum ConnectionPhase
{
    Connecting,
    Upgrading,
    Entering,
    Live,
    Closed,
}

/// <summary>One client: its way in (a list of what to say and what to hear), then a counter of messages.</summary>
sealed class LoadConnection(ConnectionLoad load, int id, int user, ChatDialect dialect, int port, int source, int receiveBuffer)
{
    /// <summary>Answers that are waited for; longer ones (a list of members) are read on without being kept.</summary>
    const int KeepBytes = 8192;

    readonly byte[] carry = new byte[MessageMark.Length];
    readonly StringBuilder heard = new();
    FrameReader frames;
    Queue<Step> steps = [];
    int carried;
    int httpEnd;
    string? session;

    public int Id => id;

    public int User => user;

    public int Fd { get; private set; } = -1;

    public ConnectionPhase Phase { get; private set; } = ConnectionPhase.Closed;

    public string? ResumeToken { get; private set; }

    /// <summary>It came back as somebody new: its session was not found.</summary>
    public bool IsNewSession { get; private set; }

    /// <summary>The number of the last message that came.</summary>
    public int Last { get; private set; }

    public long Received { get; private set; }

    public long Skipped { get; private set; }

    public long Repeated { get; private set; }

    /// <summary>Between two messages, the longest since <see cref="StartMeasuring"/>; nanoseconds.</summary>
    public long LongestGap { get; private set; }

    public long LastAt { get; private set; }

    public void StartMeasuring(long now) => (LongestGap, LastAt, Received, Skipped, Repeated) = (0, now, 0, 0, 0);

    /// <summary>Ends a measurement: silence up to now counts.</summary>
    public void StopMeasuring(long now) => LongestGap = Math.Max(LongestGap, now - LastAt);

    /// <summary>Goes in by those steps, from any state.</summary>
    public void Open(IEnumerable<Step> way, int? elsewhere = null)
    {
        Close();
        steps = new(way);
        (frames, carried, httpEnd) = (default, 0, 0);
        heard.Clear();
        Phase = ConnectionPhase.Connecting;
        Port = elsewhere ?? port;
        Fd = Libc.Connect(Port, source, receiveBuffer);
        load.Watch(this, connecting: true);
    }

    public int Port { get; private set; }

    public void Close()
    {
        if (Fd >= 0) Libc.Close(Fd);
        Fd = -1;
        Phase = ConnectionPhase.Closed;
    }

    public bool Send(byte[] frame) => Fd >= 0 && Libc.Send(Fd, frame);

    public void Connected()
    {
        Phase = ConnectionPhase.Upgrading;
        load.Watch(this, connecting: false);
        if (!Send(WebSocketBytes.Upgrade(dialect.Path(user), Port))) Broken();
    }

    public void Broken()
    {
        var was = Phase;
        Close();
        load.Lost(this, was);
    }

    public void Take(ReadOnlySpan<byte> bytes, long now)
    {
        if (Phase == ConnectionPhase.Upgrading && !TakeHttp(ref bytes)) return;
        while (Phase is ConnectionPhase.Entering or ConnectionPhase.Live && frames.TryTake(ref bytes, out var payload))
        {
            if (frames.Opcode == WebSocketBytes.Close)
            {
                Broken();
                return;
            }

            if (frames.Opcode == WebSocketBytes.Ping) Send(WebSocketBytes.Frame(payload, WebSocketBytes.Pong));
            else if (frames.Opcode == WebSocketBytes.Pong) continue;
            else if (frames.Length == 1 && dialect.AnswerToPing(payload[0]) is { } answer) Send(answer);
            else
            {
                if (Phase == ConnectionPhase.Entering) Hear(payload);
                Scan(payload, now);
            }
        }
    }

    bool TakeHttp(ref ReadOnlySpan<byte> bytes)
    {
        var end = "\r\n\r\n"u8;
        while (!bytes.IsEmpty && httpEnd < end.Length)
        {
            if (heard.Length < KeepBytes) heard.Append((char)bytes[0]);
            httpEnd = bytes[0] == end[httpEnd] ? httpEnd + 1 : bytes[0] == '\r' ? 1 : 0;
            bytes = bytes[1..];
        }

        if (httpEnd < end.Length) return false;
        if (!heard.ToString().StartsWith("HTTP/1.1 101", StringComparison.Ordinal))
        {
            load.Refused(this, heard.ToString());
            Broken();
            return false;
        }

        heard.Clear();
        Phase = ConnectionPhase.Entering;
        Next();
        return true;
    }

    void Hear(ReadOnlySpan<byte> payload)
    {
        if (heard.Length < KeepBytes) heard.Append(Encoding.UTF8.GetString(payload[..Math.Min(payload.Length, KeepBytes)]));
        var text = heard.ToString();
        if (steps.TryPeek(out var step) && text.Contains(step.Expect, StringComparison.Ordinal))
        {
            if (text.Contains("\"error\":", StringComparison.Ordinal))
            {
                load.Refused(this, text);
                Broken();
                return;
            }

            if (Between(text, "\"session\":\"", "\"") is { } name)
            {
                IsNewSession |= session is not null && session != name;
                session = name;
            }

            if (Between(text, "\"resumeToken\":\"", "\"") is { } token) ResumeToken = token;
            steps.Dequeue();
            heard.Clear();
            Next();
        }
        else if (heard.Length >= KeepBytes) heard.Remove(0, heard.Length - 64);
    }

    void Next()
    {
        if (!steps.TryPeek(out var step))
        {
            Phase = ConnectionPhase.Live;
            load.Entered(this);
        }
        else if (step.Say.Length > 0 && !Send(step.Say)) Broken();
    }

    /// <summary>Finds the marks of messages, also those that are cut in two.</summary>
    void Scan(ReadOnlySpan<byte> bytes, long now)
    {
        if (carried > 0)
        {
            var more = Math.Min(MessageMark.Length - carried, bytes.Length);
            bytes[..more].CopyTo(carry.AsSpan(carried));
            carried += more;
            bytes = bytes[more..];
            if (carried < MessageMark.Length) return;
            carried = 0;
            Count(carry, now);
        }

        while (bytes.IndexOf(MessageMark.First) is >= 0 and var at)
        {
            bytes = bytes[at..];
            if (bytes.Length < MessageMark.Length)
            {
                bytes.CopyTo(carry);
                carried = bytes.Length;
                return;
            }

            Count(bytes[..MessageMark.Length], now);
            bytes = bytes[MessageMark.Length..];
        }
    }

    void Count(ReadOnlySpan<byte> mark, long now)
    {
        if (!MessageMark.TryRead(mark, out var number, out var sent)) return;
        if (load.IsOrdered)
        {
            if (number <= Last && Last > 0)
            {
                Repeated++;
                return;
            }

            if (Last > 0) Skipped += number - Last - 1;
            Last = number;
        }

        Received++;
        LongestGap = Math.Max(LongestGap, now - LastAt);
        LastAt = now;
        load.Delivered(now - sent);
    }

    static string? Between(string text, string before, string after)
    {
        var start = text.IndexOf(before, StringComparison.Ordinal);
        if (start < 0) return null;
        start += before.Length;
        var end = text.IndexOf(after, start, StringComparison.Ordinal);
        return end < 0 ? null : text[start..end];
    }
}
