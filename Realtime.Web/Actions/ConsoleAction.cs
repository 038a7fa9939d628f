namespace Realtime.Web.Actions;

/// <summary>What came with a form or a link, by name; what is missing is empty.</summary>
sealed class ActionFields(Func<string, string?> read)
{
    public const int MaxLength = 512;

    /// <summary>Longer ones are nobody's.</summary>
    public string this[string name] => read(name) is { Length: <= MaxLength } value ? value.Trim() : "";

    public string? Optional(string name) => this[name] is { Length: > 0 } value ? value : null;

    /// <summary>For a place in a path.</summary>
    public string Escaped(string name) => Uri.EscapeDataString(this[name]);

    /// <summary><c>?replica=</c> or <c>?node=</c>, when the process is named.</summary>
    public string Process => this["replica"].Length > 0 ? $"?replica={Escaped("replica")}" : this["node"].Length > 0 ? $"?node={Escaped("node")}" : "";

    /// <summary>In words.</summary>
    public string ProcessName => this["replica"] is { Length: > 0 } replica ? replica : this["node"] is { Length: > 0 } node ? node : "the replica that answers";
}

/// <summary>What an operator is asked for besides a yes.</summary>
/// <param name="Type">Of the input: <c>text</c>, <c>number</c>, <see cref="Node"/>, or <c>select</c> with <paramref name="Choices"/>.</param>
sealed record ActionInput(string Name, string Label, string Type = "text", string? Suggestion = null, bool Required = false, string? Hint = null, params string[] Choices)
{
    /// <summary>One of the nodes that live, or whichever is used least.</summary>
    public const string Node = "node";
}

/// <summary>The request that does it.</summary>
sealed record ActionCall(HttpMethod Method, string Path, object? Body = null)
{
    public static ActionCall Post(string path, object? body = null) => new(HttpMethod.Post, path, body ?? new { });

    public static ActionCall Delete(string path) => new(HttpMethod.Delete, path);
}

/// <summary>Something operators can do: asked for on a page (or in a dialog) that names its target, done by one call in the operator's own name, recorded by signaling.</summary>
/// <param name="Name">In addresses: <c>/console/act/NAME?…</c>.</param>
/// <param name="Label">Of the button.</param>
/// <param name="Targets">What must be named, in the address.</param>
/// <param name="Question">What will happen, to whom.</param>
/// <param name="IsGrave">Somebody loses something by it.</param>
sealed record ConsoleAction(
    string Name, string Label, string[] Targets, Func<ActionFields, string> Question, Func<ActionFields, ActionCall> Call, bool IsGrave = true, params ActionInput[] Inputs)
{
    /// <summary>What the operator is told afterwards.</summary>
    public string Done { get; init; } = "Done.";

    /// <summary>Fields that are passed on from the link to the form when they are there.</summary>
    public string[] Optional { get; init; } = [];

    public IEnumerable<string> Carried => Targets.Concat(Optional);

    public bool IsComplete(ActionFields fields) => Targets.All(target => fields[target].Length > 0);
}
