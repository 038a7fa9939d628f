using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;

namespace Realtime.Web.Live;

/// <summary>What a view looks like now.</summary>
/// <param name="Version">Another one when the HTML is another one.</param>
sealed record Rendered(string Version, string Html);

/// <summary>One live view with one set of parameters, rendered at most once per <see cref="LiveView.Every"/> for everybody who sees it.</summary>
sealed class SharedRendering(LiveView view, IReadOnlyDictionary<string, object> parameters, IServiceScopeFactory scopes, ILoggerFactory loggers, TimeProvider time)
{
    readonly Lock _gate = new();
    Task<Rendered>? _last;
    long _at;

    /// <summary>Viewers; guarded by <see cref="SharedRenderings"/>.</summary>
    public int Viewers { get; set; }

    public Task<Rendered> CurrentAsync()
    {
        lock (_gate)
        {
            if (_last is { } last && (!last.IsCompleted || (last.IsCompletedSuccessfully && time.GetElapsedTime(_at) < view.Every)))
                return last;
            _at = time.GetTimestamp();
            return _last = RenderAsync();
        }
    }

    async Task<Rendered> RenderAsync()
    {
        await using var scope = scopes.CreateAsyncScope();
        await using var renderer = new HtmlRenderer(scope.ServiceProvider, loggers);
        var html = await renderer.Dispatcher.InvokeAsync(async () => (await renderer.RenderComponentAsync(view.Component, ParameterView.FromDictionary(parameters.ToDictionary(static pair => pair.Key, static pair => (object?)pair.Value, StringComparer.Ordinal)))).ToHtmlString());
        return new Rendered(Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(html)).AsSpan(0, 8)), html);
    }
}
