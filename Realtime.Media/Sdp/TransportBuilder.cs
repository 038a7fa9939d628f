namespace Realtime.Media.Sdp;

/// <summary>Gathers the transport attributes of the session or of one section.</summary>
sealed class TransportBuilder(int maxItems)
{
    readonly List<Fingerprint> fingerprints = [];
    string ufrag = "";
    string pwd = "";
    string[]? options;
    SetupRole setup;

    /// <summary>Takes the attribute if it is one of the transport's.</summary>
    /// <param name="problem">Null, or what is wrong with it. Values are not quoted: they are credentials.</param>
    public bool TryTake(ReadOnlySpan<char> name, ReadOnlySpan<char> value, out string? problem)
    {
        problem = null;
        switch (name)
        {
            // RFC 8839 §5.4: 4–256 and 22–256 characters.
            case "ice-ufrag":
                if (value.Length < 4 || !SdpTokens.IsName(value, 256)) problem = "4 to 256 visible characters expected";
                else ufrag = value.ToString();
                return true;
            case "ice-pwd":
                if (value.Length < 22 || !SdpTokens.IsName(value, 256)) problem = "22 to 256 visible characters expected";
                else pwd = value.ToString();
                return true;
            case "ice-options":
                options = value.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);
                return true;
            case "setup":
                problem = TakeSetup(value);
                return true;
            case "fingerprint":
                problem = TakeFingerprint(value);
                return true;
            default:
                return false;
        }
    }

    /// <param name="session">Stands in for what the section lacks.</param>
    public TransportDescription Build(TransportBuilder? session = null)
    {
        // A ufrag and its password belong together (RFC 8839 §5.4): never one from here and one from there.
        var credentials = ufrag.Length > 0 || pwd.Length > 0 || session is null ? this : session;
        return new TransportDescription
        {
            IceUfrag = credentials.ufrag,
            IcePwd = credentials.pwd,
            IceOptions = options ?? session?.options ?? [],
            Fingerprints = fingerprints.Count > 0 || session is null ? [.. fingerprints] : [.. session.fingerprints],
            Setup = setup != SetupRole.None || session is null ? setup : session.setup,
        };
    }

    string? TakeSetup(ReadOnlySpan<char> value)
    {
        setup = value switch
        {
            "actpass" => SetupRole.ActPass,
            "active" => SetupRole.Active,
            "passive" => SetupRole.Passive,
            "holdconn" => SetupRole.HoldConn,
            _ => SetupRole.None,
        };
        return setup == SetupRole.None ? "actpass, active, passive or holdconn expected" : null;
    }

    string? TakeFingerprint(ReadOnlySpan<char> value)
    {
        if (Fingerprint.TryParse(value, out var fingerprint))
        {
            if (fingerprints.Count == maxItems) return "too many";
            fingerprints.Add(fingerprint);
            return null;
        }

        // An algorithm we do not accept may stand beside one that we do (RFC 8122 §5.1).
        var space = value.IndexOf(' ');
        return space > 0 && Fingerprint.LengthOf(value[..space]) == 0 ? null : "algorithm and colon-separated hex expected";
    }
}
