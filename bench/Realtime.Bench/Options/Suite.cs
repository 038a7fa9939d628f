namespace Realtime.Bench.Options;

/// <summary>What this project promises of its media path, as scenarios. Compared with other servers are those whose promise is a ratio.</summary>
static class Suite
{
    const int Camera = 1500;
    const int Microphone = 0;

    public static IReadOnlyList<Scenario> Of(TimeSpan duration, IReadOnlyList<string> compare) =>
    [
        new(1, 100, Camera, duration, compare),
        new(1, 200, Camera, duration, compare),
        new(1, 200, Microphone, duration, compare),
        new(10, 10, Camera, duration, compare),
        // Cost per packet must not depend on how many there are …
        new(1, 10, Camera, duration, []),
        new(1, 400, Camera, duration, []),
        // … nor on how many rooms they are in.
        new(1, 20, Camera, duration, [], Rooms: 10),
        new(1, 4, Camera, duration, [], Rooms: 50),
        new(1, 10, Camera, duration, compare, IsSetUp: true),
    ];
}
