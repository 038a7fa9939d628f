namespace Realtime.Media.Rtp;

/// <summary>
/// What one peer's extension ids mean, both ways. A BUNDLE group has one id space (RFC 9143 §9.2), so there is one map per peer;
/// an id keeps its meaning for the life of the session (RFC 8285 §6).
/// </summary>
public sealed class ExtensionMap
{
    readonly ExtensionKind[] kinds = new ExtensionKind[byte.MaxValue + 1];
    readonly byte[] ids = new byte[ExtensionUri.KindCount];

    /// <summary>
    /// Whether packets to this peer may use the two-byte form (a=extmap-allow-mixed, RFC 8285 §6). Elements that need it are left out otherwise.
    /// </summary>
    public bool AllowsTwoByte { get; set; } = true;

    /// <summary><see cref="ExtensionKind.None"/> when the id was not negotiated.</summary>
    public ExtensionKind KindOf(byte id) => kinds[id];

    /// <summary>0 when the extension was not negotiated.</summary>
    public byte IdOf(ExtensionKind kind) => ids[(int)kind];

    public bool Has(ExtensionKind kind) => IdOf(kind) != 0;

    /// <summary>False when the id is 0, or the id or the kind already stands for something else; adding the same pair again is true.</summary>
    public bool TryAdd(byte id, ExtensionKind kind)
    {
        if (id == 0 || kind == ExtensionKind.None) return false;
        if (kinds[id] == kind && ids[(int)kind] == id) return true;
        if (kinds[id] != ExtensionKind.None || ids[(int)kind] != 0) return false;
        kinds[id] = kind;
        ids[(int)kind] = id;
        return true;
    }
}
