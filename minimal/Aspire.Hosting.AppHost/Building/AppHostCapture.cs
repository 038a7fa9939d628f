using System.Reflection;

namespace Aspire.Hosting;

/// <summary>
/// How the testing builder gets hold of the builder inside an AppHost's entry point: it runs the entry point on a thread of its
/// own with this set, and <see cref="IDistributedApplicationBuilder.Build"/> hands the builder over instead of going on.
/// </summary>
internal sealed class AppHostCapture(Assembly appHostAssembly, IReadOnlyDictionary<string, string?> defaults)
{
    private static readonly AsyncLocal<AppHostCapture?> _current = new();
    private readonly TaskCompletionSource<Captured> _captured = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public static AppHostCapture? Current
    {
        get => _current.Value;
        set => _current.Value = value;
    }

    public Assembly AppHostAssembly { get; } = appHostAssembly;

    /// <summary>Configuration below every other source.</summary>
    public IReadOnlyDictionary<string, string?> Defaults { get; } = defaults;

    public string EnvironmentName => "Development";

    public Task<Captured> Builder => _captured.Task;

    /// <summary>Never returns: the entry point ends here, the test goes on with the builder.</summary>
    public DistributedApplication Built(IDistributedApplicationBuilder builder, Func<DistributedApplication> build)
    {
        _captured.TrySetResult(new Captured(builder, build));
        throw new EntryPointCapturedException();
    }

    public void Failed(Exception failure) => _captured.TrySetException(failure);

    internal sealed record Captured(IDistributedApplicationBuilder Builder, Func<DistributedApplication> Build);
}

/// <summary>Unwinds an AppHost's entry point once its builder was captured; nobody but the testing builder sees it.</summary>
internal sealed class EntryPointCapturedException() : Exception("The AppHost's entry point was stopped at Build by the testing builder.");
