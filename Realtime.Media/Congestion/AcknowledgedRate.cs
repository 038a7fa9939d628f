using Realtime.Media.Core;

namespace Realtime.Media.Congestion;

/// <summary>
/// What really arrived, in kbit/s: samples over short windows of the receiver's time, each weighed by how surprising it is (as libwebrtc's BitrateEstimator
/// does), so that one odd window moves it little and a lasting change moves it within a few.
/// </summary>
public struct AcknowledgedRate
{
    const double FirstWindow = 500, Window = 150;
    const double Surprise = 10;
    const double Drift = 5;
    const double FirstVariance = 50;

    Instant last;
    double elapsed;
    long bytes;
    double variance;
    bool hasStarted;

    /// <summary>0 before the first window is full.</summary>
    public double Kilobits { get; private set; }

    public readonly bool IsKnown => Kilobits > 0;

    /// <summary>The fullest window since <see cref="ForgetPeak"/>: while a queue stands, this is what the link carries, also when little was sent on the whole.</summary>
    public double PeakKilobits { get; private set; }

    public void ForgetPeak() => PeakKilobits = 0;

    public void Add(Instant arrivedAt, int length)
    {
        var window = IsKnown ? Window : FirstWindow;
        if (hasStarted && arrivedAt > last)
        {
            var gap = (arrivedAt - last).TotalMilliseconds;
            elapsed += gap;
            if (gap > window)
            {
                // Nothing came for longer than that: what lay before says nothing about now.
                bytes = 0;
                elapsed %= window;
            }

            if (elapsed >= window)
            {
                Take(bytes * 8 / window);
                elapsed -= window;
                bytes = 0;
            }
        }

        if (arrivedAt > last || !hasStarted) last = arrivedAt;
        hasStarted = true;
        bytes += length;
    }

    void Take(double sample)
    {
        PeakKilobits = Math.Max(PeakKilobits, sample);
        if (!IsKnown)
        {
            (Kilobits, variance) = (Math.Max(1, sample), FirstVariance);
            return;
        }

        var uncertainty = Surprise * Math.Abs(Kilobits - sample) / Kilobits;
        var sampleVariance = uncertainty * uncertainty;
        var predicted = variance + Drift;
        Kilobits = Math.Max(1, ((sampleVariance * Kilobits) + (predicted * sample)) / (sampleVariance + predicted));
        variance = sampleVariance * predicted / (sampleVariance + predicted);
    }
}
