using System.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace OpenTelemetry.Instrumentation.AspNetCore;

/// <summary>Unmarks the span of a request that the filter does not want. ASP.NET Core hands out the request with its diagnostic event, not with the span.</summary>
sealed class RequestFilter : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>, IDisposable
{
    const string Started = "Microsoft.AspNetCore.Hosting.HttpRequestIn.Start";

    /// <summary>The listener writes the start event only to who is enabled for the request itself.</summary>
    const string Request = "Microsoft.AspNetCore.Hosting.HttpRequestIn";

    readonly AspNetCoreTraceInstrumentationOptions _options;
    readonly Lock _gate = new();
    readonly List<IDisposable> _subscriptions = [];

    public RequestFilter(AspNetCoreTraceInstrumentationOptions options)
    {
        _options = options;
        Keep(DiagnosticListener.AllListeners.Subscribe(this));
    }

    public void OnNext(DiagnosticListener listener)
    {
        if (listener.Name == "Microsoft.AspNetCore")
            Keep(listener.Subscribe(this, static (name, _, _) => name is Request or Started));
    }

    public void OnNext(KeyValuePair<string, object?> written)
    {
        if (written is not { Key: Started, Value: HttpContext http } || Activity.Current is not { } span || Wanted(http))
            return;
        span.IsAllDataRequested = false;
        span.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
    }

    public void OnCompleted() { }

    public void OnError(Exception error) { }

    public void Dispose()
    {
        lock (_gate)
        {
            foreach (var subscription in _subscriptions)
                subscription.Dispose();
            _subscriptions.Clear();
        }
    }

    bool Wanted(HttpContext http)
    {
        try
        {
            return _options.Filter?.Invoke(http) ?? true;
        }
        catch (Exception)
        {
            // As in the package: a filter that fails must not fail the request, and its span is left out.
            return false;
        }
    }

    void Keep(IDisposable subscription)
    {
        lock (_gate)
            _subscriptions.Add(subscription);
    }
}
