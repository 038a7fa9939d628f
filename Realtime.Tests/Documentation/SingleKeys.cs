namespace Realtime.Tests.Documentation;

/// <summary>Keys that are read without an options class; a test finds those that are missing here.</summary>
static class SingleKeys
{
    public static readonly IReadOnlyList<SingleKey> All =
    [
        new("Signaling", "ConnectionStrings:realtimedb", null, "Postgres, as Npgsql has it. Web reads it too, for the console's accounts and keys."),
        new("Signaling", "ConnectionStrings:redis", null, "Redis, as StackExchange.Redis has it."),
        new("Signaling", "services:<node>:control:0", null, "Where the control port of a media node is, for each of `Media:Nodes`: `http://media-0:8081`."),
        new("Signaling", "Realtime:Replica", null, "This replica's name, kept over restarts; default: machine and process."),
        new("Signaling", "Realtime:Address", null, "Where other replicas reach this one; default: where it listens."),
        new("Web", "services:signaling:http:0", null, "Where signaling is; `services:signaling:https:0` comes before it."),
        new("Web", "services:signaling:https:0", null, "Where signaling is."),
        new("Web", "Signaling:PublicUrl", null, "Where browsers find signaling, when that is not where this service does."),
        new("Web", "Network:TrustedProxies", null, "Addresses or networks (CIDR), comma-separated, whose X-Forwarded-For and X-Forwarded-Proto are believed."),
        new("Web", "Join:TokensPerMinute", 60, "Tokens that one address may ask the join page for."),
        new("Web", "Auth:DevKeyId", null, "Development: the key with which the join page gets tokens."),
        new("Web", "Auth:DevKeySecret", null, "Development: its secret."),
        new("Every service", "Faults:Enabled", false, "Fault injection; refuses to start in Production."),
        new("Every service", "OTEL_EXPORTER_OTLP_ENDPOINT", null, "Where telemetry goes; without it none is sent. The other `OTEL_` variables are the OpenTelemetry SDK's."),
        new("AppHost", "Deploy:Target", "aca", "Where the composition is published to: `aca`, `compose`, `kubernetes` ([deployment](deployment.md))."),
        new("AppHost", "Media:Count", 2, "Media nodes."),
        new("AppHost", "Media:BasePort", 40000, "The first port of the first node; the next node has its own 100 further on. Not on Container Apps."),
        new("AppHost", "Media:AnnouncedAddresses", null, "Run mode: where browsers reach the nodes, for the TURN server beside them."),
        new("AppHost", "Signaling:Port", 5180, "Run mode: where signaling is found."),
        new("AppHost", "Web:Port", 5280, "Run mode: where the web is found."),
        new("AppHost", "Parameters:<name>", null, "The value of a parameter, as in `Parameters:api-key-secret`."),
        new("AppHost", "Runner:RestartOnExit", true, "The minimal runner: starts again what ends."),
        new("AppHost", "Runner:StateDirectory", ".realtime", "The minimal runner: data, logs, `endpoints.json`."),
        new("Every service", "HTTP_PORTS", null, "Where the service listens, at every address; `ASPNETCORE_URLS` comes before it."),
    ];
}

sealed record SingleKey(string Service, string Name, object? Default, string Meaning);
