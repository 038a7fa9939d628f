using System.Globalization;
using System.Security.Cryptography;

namespace Aspire.Hosting.Runner;

/// <summary>
/// Everything the runner keeps: one folder per resource with data, <c>logs/</c>, <c>endpoints.json</c>, generated parameters.
/// One runner at a time owns it, by a lock that ends with the process, however it ends.
/// </summary>
internal sealed class StateDirectory(RunnerOptions options) : IDisposable
{
    private readonly string _pidFile = Path.Combine(options.StateDirectory, "runner.pid");
    private readonly List<string> _outside = [];
    private FileStream? _lock;

    public string Root { get; } = options.StateDirectory;
    public string Logs => Path.Combine(Root, "logs");
    public string EndpointsFile => Path.Combine(Root, "endpoints.json");
    public string CommandSocket => Path.Combine(Root, "runner.sock");
    public string ChildrenFile => Path.Combine(Root, "children");

    /// <exception cref="DistributedApplicationException">Another runner has it.</exception>
    public void Acquire()
    {
        PrivateFile.CreateDirectory(Root);
        PrivateFile.CreateDirectory(Logs);
        try
        {
            _lock = new FileStream(Path.Combine(Root, "runner.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            var pid = File.Exists(_pidFile) ? File.ReadAllText(_pidFile).Trim() : "unknown";
            throw new DistributedApplicationException($"""
                Realtime is already running here (process {pid}; its state is in {Root}).
                Stop it with Ctrl-C in its terminal or with: kill {pid}
                """);
        }

        File.WriteAllText(_pidFile, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        File.Delete(EndpointsFile);
    }

    /// <summary>The folder of a resource's data, for the account the runner runs under.</summary>
    public string DataOf(string name)
    {
        var path = Path.Combine(Root, name);
        PrivateFile.CreateDirectory(path);
        return path;
    }

    /// <summary>
    /// A folder for a server that runs under another account, which may not be able to reach the project's folder. Where it is
    /// stands in the note <c>name.location</c>; the caller hands it over to the account.
    /// </summary>
    public string DataOutside(string name)
    {
        var note = Path.Combine(Root, $"{name}.location");
        if (!File.Exists(note))
        {
            var parent = options.EphemeralState ? Path.GetTempPath() : "/var/lib/realtime-runner";
            PrivateFile.Write(note, Path.Combine(parent, $"{name}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6))}"));
        }

        var path = File.ReadAllText(note).Trim();
        Directory.CreateDirectory(path);
        _outside.Add(path);
        return path;
    }

    public void Dispose()
    {
        if (_lock is null)
            return;
        File.Delete(EndpointsFile);
        File.Delete(_pidFile);
        _lock.Dispose();
        _lock = null;
        if (!options.EphemeralState)
            return;
        foreach (var path in _outside.Append(Root).Where(Directory.Exists))
            Directory.Delete(path, recursive: true);
    }
}
