namespace Realtime.Media.Congestion;

/// <summary>What the delay says of the link.</summary>
public enum LinkUse
{
    Normal,
    /// <summary>A queue grows: more is sent than the link carries.</summary>
    Over,
    /// <summary>A queue drains.</summary>
    Under,
}

/// <summary>
/// Whether a queue grows, by the slope of the one-way delay over the last groups of packets (a least squares fit), held against a threshold that follows how
/// restless this link is (draft-ietf-rmcat-gcc-02 §5.4; the fit and its constants as in libwebrtc's TrendlineEstimator). Milliseconds throughout.
/// </summary>
public sealed class DelayTrend
{
    const int Window = 20;
    const double Smoothing = 0.9;
    const double Gain = 4;
    const int MaxDeltas = 60;
    const double OveruseMilliseconds = 10;
    const double FirstThreshold = 12.5, MinThreshold = 6, MaxThreshold = 600;
    const double ThresholdRise = 0.0087, ThresholdFall = 0.039;

    /// <summary>A slope this far above the threshold is an event of its own and teaches nothing about the link's usual.</summary>
    const double MaxAdaptOffset = 15;

    readonly double[] times = new double[Window];
    readonly double[] delays = new double[Window];
    int count;
    int position;
    int deltas;
    double firstAt = double.NaN;
    double accumulated;
    double smoothed;
    double previousTrend;
    double threshold = FirstThreshold;
    double thresholdAt = double.NaN;
    double overFor = -1;
    int overCount;

    public LinkUse Use { get; private set; }

    /// <summary>By how much the delay has grown since it was lowest: about the queue's length.</summary>
    public double QueueMilliseconds => Math.Max(0, smoothed - lowest);

    double lowest;

    public void Add(double sentDelta, double arrivedDelta, double at)
    {
        if (double.IsNaN(firstAt)) firstAt = at;
        deltas = Math.Min(deltas + 1, MaxDeltas);
        accumulated += arrivedDelta - sentDelta;
        smoothed = (Smoothing * smoothed) + ((1 - Smoothing) * accumulated);
        // The floor rises a little, so that another path with more delay is not taken for a queue for ever.
        lowest = Math.Min(smoothed, lowest + (arrivedDelta * 0.002));
        times[position] = at - firstAt;
        delays[position] = smoothed;
        position = (position + 1) % Window;
        if (count < Window) count++;
        var trend = count == Window && Slope() is { } slope ? slope : previousTrend;
        Detect(trend, sentDelta, at);
        previousTrend = trend;
    }

    void Detect(double trend, double sentDelta, double at)
    {
        if (deltas < 2)
        {
            Use = LinkUse.Normal;
            return;
        }

        var weighted = deltas * trend * Gain;
        if (weighted > threshold)
        {
            overFor = overFor < 0 ? sentDelta / 2 : overFor + sentDelta;
            overCount++;
            if (overFor > OveruseMilliseconds && overCount > 1 && trend >= previousTrend)
            {
                (overFor, overCount) = (0, 0);
                Use = LinkUse.Over;
            }
        }
        else
        {
            (overFor, overCount) = (-1, 0);
            Use = weighted < -threshold ? LinkUse.Under : LinkUse.Normal;
        }

        Adapt(Math.Abs(weighted), at);
    }

    void Adapt(double weighted, double at)
    {
        if (double.IsNaN(thresholdAt)) thresholdAt = at;
        var elapsed = Math.Clamp(at - thresholdAt, 0, 100);
        thresholdAt = at;
        if (weighted > threshold + MaxAdaptOffset) return;
        var rate = weighted < threshold ? ThresholdFall : ThresholdRise;
        threshold = Math.Clamp(threshold + (rate * (weighted - threshold) * elapsed), MinThreshold, MaxThreshold);
    }

    double? Slope()
    {
        double sumX = 0, sumY = 0;
        for (var i = 0; i < Window; i++)
        {
            sumX += times[i];
            sumY += delays[i];
        }

        var (meanX, meanY) = (sumX / Window, sumY / Window);
        double numerator = 0, denominator = 0;
        for (var i = 0; i < Window; i++)
        {
            var x = times[i] - meanX;
            numerator += x * (delays[i] - meanY);
            denominator += x * x;
        }

        return denominator == 0 ? null : numerator / denominator;
    }
}
