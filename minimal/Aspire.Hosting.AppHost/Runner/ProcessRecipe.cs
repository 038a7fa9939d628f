using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Runner;

/// <summary>One process to start.</summary>
internal sealed record ProcessSpec
{
    public required string FileName { get; init; }
    public IReadOnlyList<string> Arguments { get; init; } = [];
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
    public string? WorkingDirectory { get; init; }

    /// <summary>The account to run under when the runner is root.</summary>
    public string? RunAs { get; init; }

    /// <summary>What asks the process to end in order.</summary>
    public PosixSignalNumber StopSignal { get; init; } = PosixSignalNumber.Terminate;
}

/// <summary>The signals the runner sends, by their numbers on Linux.</summary>
internal enum PosixSignalNumber
{
    Interrupt = 2,
    Kill = 9,
    Terminate = 15
}

/// <summary>What a recipe may use.</summary>
internal sealed record RecipeContext(ResourceInstance Instance, StateDirectory State, IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string> Environment);

/// <summary>How a resource that Aspire would run as a container is run as a process.</summary>
internal sealed class ProcessRecipeAnnotation : IResourceAnnotation
{
    /// <summary>Null, or why it cannot run here and what to install.</summary>
    public required Func<string?> Missing { get; init; }

    /// <summary>Whether the application cannot do without it: then a missing program stops the start.</summary>
    public bool Essential { get; init; } = true;

    public required Func<RecipeContext, CancellationToken, Task<ProcessSpec>> Prepare { get; init; }
}

/// <summary>What makes a resource without a process of its own (a database inside a server) exist, once its parent is healthy.</summary>
internal sealed class CreateInParentAnnotation(Func<CancellationToken, Task> create) : IResourceAnnotation
{
    public Func<CancellationToken, Task> Create { get; } = create;
}
