using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Realtime.Media.Core;
using Realtime.ServiceDefaults.CrashSafety;

namespace Realtime.Media.Hosting;

/// <summary>
/// Everything that a worker's thread runs is compiled before the node says that it is ready. Else the first call compiles it packet by packet, on the thread that forwards: on a node that
/// takes over another one's rooms that is a pause of most of a second for everybody in them.
/// </summary>
static class Precompilation
{
    const BindingFlags Declared = BindingFlags.DeclaredOnly | BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;

    public static void Run(CancellationToken cancellation)
    {
        var count = 0;
        // The rest of the control plane is compiled by the rehearsal, and does not hold up packets.
        foreach (var type in new[] { typeof(Instant).Assembly, typeof(Precompilation).Assembly }.SelectMany(static assembly => assembly.GetTypes()))
        {
            cancellation.ThrowIfCancellationRequested();
            if (type.ContainsGenericParameters || type.Namespace is null or "Realtime.Media.Hosting" or "Realtime.Media.Control") continue;
            foreach (var method in type.GetMethods(Declared).Concat<MethodBase>(type.GetConstructors(Declared)))
            {
                if (method.IsAbstract || method.ContainsGenericParameters) continue;
                if (method is MethodInfo native && method.Attributes.HasFlag(MethodAttributes.PinvokeImpl)) Link(native);
                // Others are the runtime's own, of delegates.
                else if ((method.GetMethodImplementationFlags() & MethodImplAttributes.CodeTypeMask) == MethodImplAttributes.IL) RuntimeHelpers.PrepareMethod(method.MethodHandle);
                count++;
            }
        }

        ActionLog.Record("media", "compiled", detail: $"{count}");
    }

    static void Link(MethodInfo native)
    {
        try
        {
            Marshal.Prelink(native);
        }
        catch (Exception absent) when (absent is DllNotFoundException or EntryPointNotFoundException)
        {
            ActionLog.RecordVerbose("media", "notLinked", detail: native.Name); // Another platform's: nobody calls it here.
        }
    }
}
