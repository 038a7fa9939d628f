using System.Runtime.InteropServices;

namespace Aspire.Hosting.Runner;

/// <summary>Finds the programs the runner starts.</summary>
internal static class Programs
{
    public static string? OnPath(string name)
        => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Concat(["/usr/sbin", "/usr/local/bin", "/usr/local/sbin"])
            .Where(d => d.Length > 0)
            .Select(d => Path.Combine(d, name))
            .FirstOrDefault(File.Exists);

    /// <summary>The dotnet host that runs this process: the shared framework lies three folders below it.</summary>
    public static string DotNet()
    {
        var root = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        var host = Path.Combine(root, OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet");
        return File.Exists(host) ? host : OnPath("dotnet") ?? throw new DistributedApplicationException("The program 'dotnet' was not found on PATH.");
    }

    public static string Missing(string program, string package)
        => $"The program '{program}' was not found. Install it with: sudo apt-get install -y {package}";
}
