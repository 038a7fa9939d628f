using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Realtime.Media.Core;

/// <summary>
/// Finds OpenSSL 3 under the name it has on this platform. The interop files say <see cref="Ssl"/> and <see cref="Crypto"/>;
/// on Linux that is the very library .NET itself has loaded.
/// </summary>
public static class OpenSslLibraries
{
    public const string Ssl = "libssl";
    public const string Crypto = "libcrypto";

    // A module initializer, so that no P/Invoke class needs a static constructor (which would cost a check on every call).
    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255:The 'ModuleInitializer' attribute should not be used in libraries", Justification = "It touches this assembly's own imports alone.")]
    internal static void Register() => NativeLibrary.SetDllImportResolver(typeof(OpenSslLibraries).Assembly, Resolve);

    static nint Resolve(string name, Assembly assembly, DllImportSearchPath? search)
    {
        if (name is not (Ssl or Crypto)) return 0;
        foreach (var candidate in Candidates(name))
            if (NativeLibrary.TryLoad(candidate, assembly, search, out var handle))
                return handle;
        return 0;
    }

    static string[] Candidates(string name)
    {
        if (OperatingSystem.IsWindows())
            return [RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? $"{name}-3-arm64.dll" : $"{name}-3-x64.dll"];
        if (OperatingSystem.IsMacOS())
            return [$"{name}.3.dylib", $"/opt/homebrew/opt/openssl@3/lib/{name}.3.dylib", $"/usr/local/opt/openssl@3/lib/{name}.3.dylib"];
        return [$"{name}.so.3"];
    }
}
