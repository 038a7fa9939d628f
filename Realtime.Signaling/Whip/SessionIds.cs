using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Rooms;

namespace Realtime.Signaling.Whip;

/// <summary>A WHIP or WHEP session: which participant it is, and where.</summary>
/// <param name="Via">One of <see cref="Realtime.Contracts.JoinedVia"/>.</param>
public sealed record HttpSession(string Via, Placement Placement, string Participant);

/// <summary>
/// What stands at the end of a session's URL: <c>PARTICIPANT.EPOCH.NODE.MAC</c>. All that is needed to find the session again is in it, and the MAC, under a key that
/// every replica derives, binds it to protocol, room and user. So any replica serves it without asking anybody, nobody guesses one, and one who is
/// not its user sees the same 404 as for none at all. That it is still alive, only its node knows.
/// </summary>
public sealed class SessionIds(KeyRing keys)
{
    const string Purpose = "realtime http session 1";
    const int MacLength = 16;
    const int MaxLength = 256;

    public string Issue(HttpSession session, string user)
    {
        Span<byte> mac = stackalloc byte[MacLength];
        Sign(keys.Derived(Purpose)[0], session, user, mac);
        return $"{session.Participant}.{session.Placement.Epoch.ToString(CultureInfo.InvariantCulture)}.{session.Placement.Node}.{Base64Url.EncodeToString(mac)}";
    }

    public bool TryRead(string via, string room, string id, string user, [NotNullWhen(true)] out HttpSession? session)
    {
        session = null;
        if (id.Length > MaxLength || id.Split('.') is not [var participant, var number, var node, var signature])
            return false;
        Span<byte> given = stackalloc byte[MacLength];
        if (!long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var epoch)
            || !Base64Url.IsValid(signature, out var length) || length != MacLength || !Base64Url.TryDecodeFromChars(signature, given, out _))
            return false;
        var claimed = new HttpSession(via, new Placement(room, node, epoch), participant);
        Span<byte> expected = stackalloc byte[MacLength];
        var matches = false;
        foreach (var key in keys.Derived(Purpose))
        {
            Sign(key, claimed, user, expected);
            matches |= CryptographicOperations.FixedTimeEquals(given, expected);
        }
        if (matches)
            session = claimed;
        return matches;
    }

    static void Sign(byte[] key, HttpSession session, string user, Span<byte> mac)
    {
        var (room, node, epoch) = session.Placement;
        Span<byte> whole = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{session.Via}\n{room}\n{node}\n{epoch}\n{session.Participant}\n{user}"), whole);
        whole[..MacLength].CopyTo(mac);
    }
}
