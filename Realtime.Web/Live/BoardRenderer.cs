using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Realtime.Web.Components.Controls;
using Realtime.Web.Model;

namespace Realtime.Web.Live;

/// <summary>Renders the console's board once per state for all viewers: the same component that the page itself starts with.</summary>
sealed class BoardRenderer(IServiceScopeFactory scopes, ILoggerFactory loggers, TimeProvider time)
{
    readonly Lock _gate = new();
    (long Version, Task<string> Html) _newest = (-1, Task.FromResult(""));

    public Task<string> RenderAsync(FeedState state)
    {
        lock (_gate)
        {
            if (_newest.Version != state.Version)
                _newest = (state.Version, RenderNowAsync(state));
            return _newest.Html;
        }
    }

    async Task<string> RenderNowAsync(FeedState state)
    {
        await using var scope = scopes.CreateAsyncScope();
        await using var renderer = new HtmlRenderer(scope.ServiceProvider, loggers);
        var parameters = ParameterView.FromDictionary(new Dictionary<string, object?> { [nameof(Board.View)] = ConsoleView.From(state, time.GetUtcNow()) });
        return await renderer.Dispatcher.InvokeAsync(async () => (await renderer.RenderComponentAsync<Board>(parameters)).ToHtmlString());
    }
}
