using Realtime.Contracts;

namespace Realtime.Web.Model;

/// <summary>What the names of the wire mean to a person.</summary>
static class Words
{
    public static string Alert(string name) => name switch
    {
        "circuitFlapping" => "A circuit opens again and again:",
        "turnFailing" => "More than a tenth of the relayed connections fail",
        "errorSpike" => "An error has become frequent:",
        _ => name,
    };

    /// <summary>Why a circuit changed; otherwise the type of an error.</summary>
    public static string CircuitReason(string why) => why switch
    {
        "testing" => "a few calls are tried",
        "recovered" => "they succeeded",
        "reset" => "closed by hand",
        _ => $"after {why}",
    };

    public static string Crash(string kind) => kind switch
    {
        CrashKind.Caught => "contained",
        CrashKind.Loop => "loop restarted",
        CrashKind.Unhandled => "process ended",
        CrashKind.Unobserved => "task failed unseen",
        CrashKind.PreviousRunDied => "process died",
        _ => kind,
    };

    /// <summary>Things that work or are refused in a mode.</summary>
    public static string Thing(string name) => name switch
    {
        "resume" => "reconnecting",
        "calls" => "running calls",
        "joiningCalls" => "joining calls",
        "presenceAcrossNodes" => "presence across replicas",
        "typingAcrossNodes" => "typing across replicas",
        "administration" => "administration",
        "newLogins" => "new logins",
        "newSessions" => "new sessions",
        _ => name,
    };
}
