namespace Realtime.Media.Ice;

/// <summary>STUN attribute types (RFC 8489 §18.3, RFC 8445 §16.1). Below 0x8000 the reader must understand them.</summary>
public enum StunAttribute : ushort
{
    MappedAddress = 0x0001,
    Username = 0x0006,
    MessageIntegrity = 0x0008,
    ErrorCode = 0x0009,
    UnknownAttributes = 0x000A,
    Realm = 0x0014,
    Nonce = 0x0015,
    XorMappedAddress = 0x0020,
    Priority = 0x0024,
    UseCandidate = 0x0025,
    Software = 0x8022,
    Fingerprint = 0x8028,
    IceControlled = 0x8029,
    IceControlling = 0x802A,
}

/// <summary>The two class bits of a STUN message type (RFC 8489 §5), as they lie in the first 16 bits.</summary>
public enum StunClass : ushort
{
    Request = 0x0000,
    Indication = 0x0010,
    Success = 0x0100,
    Error = 0x0110,
}
