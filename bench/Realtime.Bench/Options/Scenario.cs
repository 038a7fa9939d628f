using Realtime.Bench.Load;

namespace Realtime.Bench.Options;

/// <summary>What a run puts on a server. Publishers and subscribers are those of each room; every subscriber plays every publisher of its room.</summary>
/// <param name="VideoKilobits">Per camera; 0 means a microphone instead.</param>
/// <param name="Compare">Other servers to run the same on: <c>janus</c>, <c>pion</c>.</param>
/// <param name="IsSetUp">Measures how connections are set up instead of what forwarding costs.</param>
sealed record Scenario(
    int Publishers, int Subscribers, int VideoKilobits, TimeSpan Duration, IReadOnlyList<string> Compare, int Rooms = 1, bool IsSetUp = false)
{
    public SourceKind Kind => VideoKilobits > 0 ? SourceKind.Video : SourceKind.Audio;

    public string Name
    {
        get
        {
            var media = Kind == SourceKind.Audio ? "audio" : $"video {VideoKilobits} kbit/s";
            var rooms = Rooms == 1 ? "" : $"{Rooms} rooms, ";
            return $"{rooms}{Publishers} → {Subscribers}, {(IsSetUp ? "set-up beside " : "")}{media}";
        }
    }
}
