using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Runner;

/// <summary>How the application is run; section <c>Runner</c> of the AppHost's configuration.</summary>
internal sealed record RunnerOptions
{
    public required string AppHostDirectory { get; init; }

    /// <summary>Runner:StateDirectory. Data, logs, endpoints.json; default <c>.realtime</c> beside the solution.</summary>
    public required string StateDirectory { get; init; }

    /// <summary>Runner:EphemeralState. Deletes the state directory at the end (tests).</summary>
    public bool EphemeralState { get; init; }

    /// <summary>Runner:RestartOnExit. Starts what dies again, with growing pauses.</summary>
    public bool RestartOnExit { get; init; }

    /// <summary>Runner:ShowTable. Prints the status table to the console.</summary>
    public bool ShowTable { get; init; } = true;

    /// <summary>DcpPublisher:RandomizePorts, as in Aspire: proxied endpoints get random ports (tests).</summary>
    public bool RandomizePorts { get; init; }

    /// <summary>Runner:StopOnResourceUnavailable. What waits for a dependency that failed fails too, instead of waiting on (tests).</summary>
    public bool StopOnResourceUnavailable { get; init; }

    /// <summary>How long a process may take to end after SIGTERM before it is killed: longer than the longest drain.</summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(30);

    public static RunnerOptions Read(IConfiguration configuration, string appHostDirectory)
    {
        var section = configuration.GetSection("Runner");
        return new RunnerOptions
        {
            AppHostDirectory = appHostDirectory,
            StateDirectory = Path.GetFullPath(section["StateDirectory"] ?? Path.Combine(SolutionDirectory(appHostDirectory), ".realtime")),
            EphemeralState = section.GetValue("EphemeralState", false),
            RestartOnExit = section.GetValue("RestartOnExit", false),
            ShowTable = section.GetValue("ShowTable", true),
            RandomizePorts = configuration.GetValue("DcpPublisher:RandomizePorts", false),
            StopOnResourceUnavailable = section.GetValue("StopOnResourceUnavailable", false)
        };
    }

    private static string SolutionDirectory(string appHostDirectory)
    {
        for (var directory = new DirectoryInfo(appHostDirectory); directory is { Exists: true }; directory = directory.Parent)
        {
            if (directory.EnumerateFiles("*.sln*").Any())
                return directory.FullName;
        }

        return appHostDirectory;
    }
}
