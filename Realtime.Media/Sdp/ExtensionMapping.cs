namespace Realtime.Media.Sdp;

/// <summary>An extmap line (RFC 8285 §5). Attributes behind the URI are not kept: no extension here has any.</summary>
/// <param name="Id">1–14 or 16–255.</param>
/// <param name="Direction">Who may use it; both when the line does not say.</param>
public sealed record ExtensionMapping(byte Id, string Uri, MediaDirection Direction = MediaDirection.SendRecv);
