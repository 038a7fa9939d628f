using System.Diagnostics.Metrics;
using Realtime.ServiceDefaults.Telemetry;

namespace Realtime.Signaling.Webhooks;

static class WebhookMetrics
{
    static readonly Counter<long> s_attempts = RealtimeTelemetry.Signaling.Meter.CreateCounter<long>(
        "realtime.webhook_attempts", description: "Attempts to deliver to webhook endpoints, by how they ended (delivered, failed, gone, dead)");

    public static void Attempted(string outcome) => s_attempts.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
}
