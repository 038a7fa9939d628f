using System.Collections.Frozen;
using System.Globalization;

namespace Realtime.Web.Actions;

/// <summary>Everything operators can do.</summary>
static class ConsoleActions
{
    static readonly ActionInput Reason = new("reason", "Reason", Hint: "Kept in the audit log, and told to whom it concerns.");

    public static FrozenDictionary<string, ConsoleAction> All { get; } =
        ((ConsoleAction[])[.. Servers(), .. Rooms(), .. People(), .. Deliveries(), .. Debugging()]).ToFrozenDictionary(static action => action.Name, StringComparer.Ordinal);

    static IEnumerable<ConsoleAction> Servers() =>
    [
        new("reset-circuit", "Close the circuit", ["circuit"],
            static fields => $"The circuit {fields["circuit"]} of {fields.ProcessName} is closed by hand: calls go through again at once. If what it guards is still down, it opens again after five failures.",
            static fields => ActionCall.Post($"/admin/socket/recovery{fields.Process}", new { circuit = fields["circuit"] }), IsGrave: false) { Optional = ["replica"] },
        new("recheck-mode", "Look again", [],
            static fields => $"{fields.ProcessName} believes what it sees of its dependencies right now, without waiting whether it lasts.",
            static fields => ActionCall.Post($"/admin/socket/recovery{fields.Process}", new { mode = "recheck" }), IsGrave: false) { Optional = ["replica"] },
        new("drop-connection", "Close the connection", ["connection"],
            static fields => $"The connection {fields["connection"]} at {fields.ProcessName} is closed. Its client may come back at once.",
            static fields => ActionCall.Post($"/admin/socket/recovery{fields.Process}", new { connection = fields["connection"] })) { Optional = ["replica"] },
        new("drain-node", "Drain the node", ["node"],
            static fields => $"{fields["node"]} takes no new rooms, and those that live there are led to other nodes. This ends by hand, or with the node's next start.",
            static fields => ActionCall.Post($"/api/nodes/{fields.Escaped("node")}/drain")) { Done = "The node drains." },
        new("undrain-node", "End the drain", ["node"],
            static fields => $"{fields["node"]} takes rooms again. Those that were led away stay where they are.",
            static fields => ActionCall.Delete($"/api/nodes/{fields.Escaped("node")}/drain"), IsGrave: false) { Done = "The node takes rooms again." },
        new("set-limit", "Change the limit", ["limit"],
            static fields => $"The limit {fields["limit"]} is another one on every replica, at once and from then on.",
            static fields => new(HttpMethod.Put, $"/api/limits/settings/{fields.Escaped("limit")}", new { value = long.TryParse(fields["value"], NumberStyles.Integer, CultureInfo.InvariantCulture, out var value) ? value : -1 }),
            IsGrave: true, new ActionInput("value", "New value", "number", Required: true)) { Done = "The limit is changed; the other replicas follow within a second.", Optional = ["value"] },
        new("reset-limit", "Back to the configuration", ["limit"],
            static fields => $"The limit {fields["limit"]} is again what the configuration says, on every replica.",
            static fields => ActionCall.Delete($"/api/limits/settings/{fields.Escaped("limit")}")),
        new("release-limited", "Release", ["limit", "key"],
            static fields => $"{fields["key"]} may begin again with the whole of the limit {fields["limit"]}.",
            static fields => ActionCall.Post($"/api/limits/{fields.Escaped("limit")}/release{fields.Process}", new { key = fields["key"] }), IsGrave: false) { Optional = ["replica"] },
    ];

    static IEnumerable<ConsoleAction> Rooms() =>
    [
        new("mute", "Mute", ["room", "participant", "track"],
            static fields => $"The {Named(fields, "kind", "track")} of {Named(fields, "name", fields["participant"])} in the room {fields["room"]} is muted for everybody.",
            static fields => ActionCall.Post($"/api/rooms/{fields.Escaped("room")}/tracks/{fields.Escaped("track")}/mute", new { muted = true })) { Optional = ["name", "kind"] },
        new("unmute", "End the mute", ["room", "participant", "track"],
            static fields => $"The {Named(fields, "kind", "track")} of {Named(fields, "name", fields["participant"])} in the room {fields["room"]} may be heard and seen again.",
            static fields => ActionCall.Post($"/api/rooms/{fields.Escaped("room")}/tracks/{fields.Escaped("track")}/mute", new { muted = false }), IsGrave: false) { Optional = ["name", "kind"] },
        new("kick", "Remove from the room", ["room", "participant"],
            static fields => $"{Named(fields, "name", fields["participant"])} is removed from the room {fields["room"]}, and may join again unless you revoke them too.",
            static fields => ActionCall.Delete($"/api/rooms/{fields.Escaped("room")}/participants/{fields.Escaped("participant")}?reason={fields.Escaped("reason")}"), IsGrave: true, Reason) { Optional = ["name"] },
        new("move-room", "Move to another node", ["room"],
            static fields => $"The call in the room {fields["room"]} goes on at another node; everybody in it follows within a second or two.",
            static fields => ActionCall.Post($"/api/rooms/{fields.Escaped("room")}/move", new { node = fields.Optional("node") }), IsGrave: false,
            new ActionInput("node", "To", ActionInput.Node)) { Done = "The room moves." },
        new("close-room", "Close the room", ["room"],
            static fields => $"The call in the room {fields["room"]} ends for everybody in it.",
            static fields => ActionCall.Delete($"/api/rooms/{fields.Escaped("room")}?reason={fields.Escaped("reason")}"), IsGrave: true, Reason) { Done = "The room is closed." },
    ];

    static IEnumerable<ConsoleAction> People() =>
    [
        new("revoke-user", "Sign out everywhere", ["user"],
            static fields => $"Every token of {fields["user"]} is void, and their connections end within seconds. Your backend decides whether they get a new one.",
            static fields => ActionCall.Post($"/api/users/{fields.Escaped("user")}/revoke")),
        new("lift-quarantine", "Let in again", ["kind", "key"],
            static fields => $"The {fields["kind"]} {fields["key"]} is let in again, on every replica.",
            static fields => ActionCall.Delete($"/api/quarantines/{fields.Escaped("kind")}/{fields.Escaped("key")}"), IsGrave: false),
        new("unban", "Lift the ban", ["channel", "user"],
            static fields => $"{fields["user"]} may come back to the channel {fields["channel"]}.",
            static fields => ActionCall.Post("/api/moderation/unban", new { channel = fields["channel"], user = fields["user"], reason = fields.Optional("reason") }), IsGrave: false, Reason),
        new("end-time-out", "End the time-out", ["channel", "user"],
            static fields => $"{fields["user"]} may write in the channel {fields["channel"]} again.",
            static fields => ActionCall.Post("/api/moderation/timeOut", new { channel = fields["channel"], user = fields["user"], reason = fields.Optional("reason") }), IsGrave: false, Reason),
        new("ban", "Ban", ["channel", "user"],
            static fields => $"{fields["user"]} is banned from the channel {fields["channel"]}, until somebody lifts it.",
            static fields => ActionCall.Post("/api/moderation/ban", new { channel = fields["channel"], user = fields["user"], reason = fields["reason"] }), IsGrave: true, Reason with { Required = true }),
    ];

    static IEnumerable<ConsoleAction> Deliveries() =>
    [
        new("replay-delivery", "Deliver again", ["delivery"],
            static fields => $"The delivery {fields["delivery"]} is made once more, at its old place in the order. Its receiver may have seen it already.",
            static fields => ActionCall.Post($"/api/deliveries/{fields.Escaped("delivery")}/replay"), IsGrave: false) { Done = "It is on its way again." },
        new("replay-endpoint", "Deliver all dead letters again", ["endpoint"],
            static fields => $"Every dead letter of {Named(fields, "url", fields["endpoint"])} is delivered once more, in order.",
            static fields => ActionCall.Post($"/api/webhooks/{fields.Escaped("endpoint")}/replay")) { Done = "They are on their way again.", Optional = ["url"] },
        new("test-endpoint", "Send a test", ["endpoint"],
            static fields => $"{Named(fields, "url", fields["endpoint"])} gets one webhook.ping.",
            static fields => ActionCall.Post($"/api/webhooks/{fields.Escaped("endpoint")}/test"), IsGrave: false) { Done = "The test is on its way.", Optional = ["url"] },
        new("disable-endpoint", "Disable", ["endpoint"],
            static fields => $"{Named(fields, "url", fields["endpoint"])} is told nothing any more; what happens meanwhile is not told later.",
            static fields => new(HttpMethod.Patch, $"/api/webhooks/{fields.Escaped("endpoint")}", new { enabled = false })) { Optional = ["url"] },
        new("enable-endpoint", "Enable", ["endpoint"],
            static fields => $"{Named(fields, "url", fields["endpoint"])} is told what happens from now on.",
            static fields => new(HttpMethod.Patch, $"/api/webhooks/{fields.Escaped("endpoint")}", new { enabled = true }), IsGrave: false) { Optional = ["url"] },
    ];

    static IEnumerable<ConsoleAction> Debugging() =>
    [
        new("debug-on", "Switch debug mode on", ["component"],
            static fields => $"{fields.ProcessName} keeps the verbose actions of {fields["component"]} for a while, at the cost of others that are older.",
            static fields => ActionCall.Post($"/admin/debug{fields.Process}", new { component = fields["component"], on = true, minutes = int.TryParse(fields["minutes"], NumberStyles.None, CultureInfo.InvariantCulture, out var minutes) ? minutes : 10 }),
            IsGrave: false, new ActionInput("minutes", "For how many minutes", "number", "10", Hint: "60 at most; it ends by itself.")) { Optional = ["replica", "node"] },
        new("debug-off", "Switch debug mode off", ["component"],
            static fields => $"{fields.ProcessName} keeps the usual actions of {fields["component"]} alone.",
            static fields => ActionCall.Post($"/admin/debug{fields.Process}", new { component = fields["component"], on = false }), IsGrave: false) { Optional = ["replica", "node"] },
        new("capture-profile", "Capture a profile", [],
            static fields => $"{fields.ProcessName} records where its time goes, for ten seconds; it is a little slower meanwhile.",
            static fields => ActionCall.Post($"/admin/profile{fields.Process}", new { seconds = 10 }), IsGrave: false) { Optional = ["replica", "node"], Done = "It is being captured; it can be downloaded in a quarter of a minute." },
        new("inject-fault", "Inject the fault", [],
            static fields => $"Something goes wrong on purpose at {fields.ProcessName}, for real users too, until it has happened so often or you take it back.",
            static fields => ActionCall.Post($"/admin/faults{fields.Process}", new
            {
                component = fields["component"],
                kind = fields["kind"],
                action = fields.Optional("action"),
                user = fields.Optional("user"),
                room = fields.Optional("room"),
                count = int.TryParse(fields["count"], NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : (int?)null,
                delayMs = fields["kind"] == "delay" && int.TryParse(fields["delayMs"], NumberStyles.None, CultureInfo.InvariantCulture, out var delay) ? delay : (int?)null,
            }), IsGrave: true,
            new ActionInput("component", "Component", Suggestion: "hub", Required: true, Hint: "hub, database, redis, worker, peer …"),
            new ActionInput("action", "Action", Hint: "For the hub: SendMessage, JoinRoom …; empty: all."),
            new ActionInput("kind", "What", "select", null, true, null, "throw", "delay", "refuse", "kill"),
            new ActionInput("user", "Only for the user"),
            new ActionInput("room", "Only for the room"),
            new ActionInput("count", "How often", "number", "1"),
            new ActionInput("delayMs", "Delay in ms", "number", "1000")) { Optional = ["replica", "node"], Done = "The fault is armed." },
        new("clear-faults", "Take all faults back", [],
            static fields => $"No fault is injected at {fields.ProcessName} any more.",
            static fields => ActionCall.Delete($"/admin/faults{fields.Process}"), IsGrave: false) { Optional = ["replica", "node"] },
    ];

    static string Named(ActionFields fields, string name, string otherwise) => fields.Optional(name) ?? otherwise;
}
