using System.Diagnostics.CodeAnalysis;
using Realtime.Media.Core;

namespace Realtime.Media.Sdp;

/// <summary>Reads rid and simulcast lines.</summary>
static class SimulcastReader
{
    /// <summary><c>h send pt=96,97;max-width=640</c> (RFC 8851 §10)</summary>
    public static bool TryReadRid(ReadOnlySpan<char> value, int maxLength, [NotNullWhen(true)] out RidDescription? rid)
    {
        rid = null;
        var tokens = new SdpTokens(value);
        if (!tokens.TryNext(out var id) || !IsRid(id, maxLength) || !tokens.TryNext(out var word)) return false;
        if (!TryReadDirection(word, out var direction)) return false;

        var types = new List<PayloadType>();
        var restrictions = new List<string>();
        var parts = new SdpTokens(tokens.Rest, ';');
        while (parts.TryNext(out var part))
        {
            if (!part.StartsWith("pt="))
            {
                restrictions.Add(part.ToString());
                continue;
            }

            var list = new SdpTokens(part["pt=".Length..], ',');
            while (list.TryNextPayloadType(out var type)) types.Add(type);
            if (!list.Rest.IsEmpty) return false;
        }

        rid = new RidDescription(id.ToString(), direction, types, restrictions);
        return true;
    }

    /// <summary><c>send q;h,~g recv f</c> (RFC 8853 §5.1)</summary>
    public static bool TryReadSimulcast(
        ReadOnlySpan<char> value, int maxStreams, int maxLength, [NotNullWhen(true)] out SimulcastDescription? simulcast)
    {
        simulcast = null;
        IReadOnlyList<IReadOnlyList<SimulcastEncoding>>? send = null, receive = null;
        var tokens = new SdpTokens(value);
        while (tokens.TryNext(out var word))
        {
            if (!TryReadDirection(word, out var direction) || !tokens.TryNext(out var list)) return false;
            ref var streams = ref (direction == MediaDirection.SendOnly ? ref send : ref receive);
            if (streams is not null || !TryReadStreams(list, maxStreams, maxLength, out streams)) return false;
        }

        if (send is null && receive is null) return false;
        simulcast = new SimulcastDescription(send ?? [], receive ?? []);
        return true;
    }

    static bool TryReadStreams(ReadOnlySpan<char> text, int maxStreams, int maxLength, out IReadOnlyList<IReadOnlyList<SimulcastEncoding>> streams)
    {
        var all = new List<IReadOnlyList<SimulcastEncoding>>();
        streams = all;
        var count = 0;
        var parts = new SdpTokens(text, ';');
        while (parts.TryNext(out var part))
        {
            var alternatives = new List<SimulcastEncoding>();
            var rids = new SdpTokens(part, ',');
            while (rids.TryNext(out var rid))
            {
                var isPaused = rid.StartsWith("~");
                if (isPaused) rid = rid[1..];
                if (!IsRid(rid, maxLength) || ++count > maxStreams) return false;
                alternatives.Add(new SimulcastEncoding(rid.ToString(), isPaused));
            }

            if (alternatives.Count == 0) return false;
            all.Add(alternatives);
        }

        return all.Count > 0;
    }

    static bool TryReadDirection(ReadOnlySpan<char> word, out MediaDirection direction)
    {
        direction = word is "send" ? MediaDirection.SendOnly : MediaDirection.RecvOnly;
        return word is "send" or "recv";
    }

    /// <summary>Letters and digits, and for older senders - and _ (RFC 8851 §10, errata).</summary>
    static bool IsRid(ReadOnlySpan<char> text, int maxLength)
    {
        if (text.IsEmpty || text.Length > maxLength) return false;
        foreach (var c in text)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_')) return false;
        }

        return true;
    }
}
