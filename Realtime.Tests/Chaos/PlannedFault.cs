namespace Realtime.Tests.Chaos;

enum FaultType
{
    /// <summary>kill -9 of one of the app's processes.</summary>
    Kill,
    /// <summary>SIGSTOP, and SIGCONT when it ends.</summary>
    Freeze,
    /// <summary>kill -9 of a process full of clients, for good.</summary>
    KillClients,
    FreezeClients,
    ResetClients,
    BlackHoleToClients,
    BlackHoleToServer,
    SlowClients,
    TrickleClients,
    RedisLink,
    PostgresLink,
    FlushAll,
    KillSubscriptions,
    TerminateBackends,
    /// <summary>Exceptions, refusals or delays at the guarded edges.</summary>
    Inject,
}

/// <summary>One fault of a run.</summary>
/// <param name="At">After the start of the faults.</param>
/// <param name="Lasts">Zero: it strikes once.</param>
/// <param name="Target">Which of the possible targets; the driver takes it modulo how many there are.</param>
/// <param name="Variant">What else is to be chosen, in the same way.</param>
sealed record PlannedFault(TimeSpan At, TimeSpan Lasts, FaultType Type, int Target, int Variant)
{
    public override string ToString() => $"{Type}";
}
