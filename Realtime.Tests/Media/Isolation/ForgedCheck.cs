using System.Text;
using Realtime.Media.Ice;

namespace Realtime.Tests.Media.Isolation;

/// <summary>A connectivity check by somebody who knows a ufrag and no password.</summary>
static class ForgedCheck
{
    public static byte[] For(string ufrag) => From(ufrag, "forger", "not-the-password-of-anybody");

    /// <summary>One that is authentic, from a client that goes no further.</summary>
    public static byte[] From(string ufrag, string from, string password)
    {
        var buffer = new byte[200];
        var writer = new StunWriter(buffer, StunClass.Request, new byte[StunMessage.TransactionIdSize]);
        writer.Bytes(StunAttribute.Username, Encoding.ASCII.GetBytes($"{ufrag}:{from}"));
        writer.UInt64(StunAttribute.IceControlling, 1);
        writer.Flag(StunAttribute.UseCandidate);
        writer.UInt32(StunAttribute.Priority, 1);
        return buffer[..writer.Finish(Encoding.ASCII.GetBytes(password))];
    }
}
