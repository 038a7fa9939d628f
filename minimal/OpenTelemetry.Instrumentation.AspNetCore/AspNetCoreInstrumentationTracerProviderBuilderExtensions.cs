using OpenTelemetry.Instrumentation.AspNetCore;

namespace OpenTelemetry.Trace;

/// <summary>ASP.NET Core makes the spans itself; the package subscribes and filters.</summary>
public static class AspNetCoreInstrumentationTracerProviderBuilderExtensions
{
    public static TracerProviderBuilder AddAspNetCoreInstrumentation(this TracerProviderBuilder builder, Action<AspNetCoreTraceInstrumentationOptions>? configureAspNetCoreTraceInstrumentationOptions)
    {
        var options = new AspNetCoreTraceInstrumentationOptions();
        configureAspNetCoreTraceInstrumentationOptions?.Invoke(options);
        // ASP.NET Core leaves its own tags out by default, for the package to add; here it adds them itself. Read when the host is built.
        AppContext.SetSwitch("Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData", false);
        builder.AddSource("Microsoft.AspNetCore", "Microsoft.AspNetCore.SignalR.Server", "Microsoft.AspNetCore.Components", "Microsoft.AspNetCore.Components.Server.Circuits");
        return builder.AddInstrumentation(() => new RequestFilter(options));
    }
}
