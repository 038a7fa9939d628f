namespace Realtime.Bench.Signaling.Runs;

/// <param name="DeliveriesPerCpuSecond">Messages handed to clients for each second of the server's CPU.</param>
/// <param name="Lost">Deliveries that were due and did not come.</param>
sealed record FanoutFigures(long Deliveries, long Lost, double DeliveriesPerCpuSecond, double? P50Ms, double? P99Ms, double GeneratorBusy);

/// <param name="LongestGapP99Ms">Each member's longest time without a message; of these the 99th percentile (messages come every 20 ms).</param>
sealed record StalledFigures(double LongestGapP50Ms, double LongestGapP99Ms, double LongestGapMaxMs, long Lost, double? P99Ms);

/// <param name="KilobytesPerConnection">Growth of the resident set by each idle connection.</param>
sealed record IdleFigures(int Connections, double KilobytesPerConnection);

/// <param name="Within10s">Part of the clients that were back, as the same session, within 10 s of the kill.</param>
/// <param name="P50Ms">Until half of them were back; null: they were not within the run. Likewise the others.</param>
/// <param name="Gaps">Messages that a client lacks after it is back.</param>
/// <param name="CpuMsPerResume">Of the surviving replica's process, from the kill until everybody is back; without Postgres, Redis and the clients, which share the machine.</param>
/// <param name="Attempts">Connections opened until everybody was back.</param>
/// <param name="GeneratorBusy">Part of a core that the clients needed meanwhile.</param>
sealed record StormFigures(int Connections, double Within10s, double? P50Ms, double? P99Ms, double? MaxMs, long Gaps, long Repeated, long NewSessions, double CpuMsPerResume, long Attempts, double GeneratorBusy);
