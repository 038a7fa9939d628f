namespace Realtime.Bench.Report;

/// <summary>How one server sets connections up.</summary>
/// <param name="P50SetUpMs">One at a time on a running call: from the request that carries or fetches the offer to the end of the DTLS handshake.</param>
/// <param name="JoinsPerSecond">Sustained while clients came and went; at most the rate at which they were sent.</param>
/// <param name="P99JoinMs">The same as set-up, under that rate.</param>
/// <param name="RunningLost">Packets that the running call lost meanwhile.</param>
sealed record SetUpFigures(
    int Joined, int Failed, double? P50SetUpMs, double? P99SetUpMs, double JoinsPerSecond, double? P50JoinMs, double? P99JoinMs, long RunningForwarded, long RunningLost, long CpuUsPerJoin);
