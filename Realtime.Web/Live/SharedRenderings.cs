namespace Realtime.Web.Live;

/// <summary>The renderings that somebody sees; as many as there are viewers at most, and each is gone with its last one.</summary>
sealed class SharedRenderings(IServiceScopeFactory scopes, ILoggerFactory loggers, TimeProvider time)
{
    readonly Lock _gate = new();
    readonly Dictionary<string, SharedRendering> _open = new(StringComparer.Ordinal);

    public int Count
    {
        get
        {
            lock (_gate)
                return _open.Count;
        }
    }

    public Lease Follow(LiveView view, IReadOnlyDictionary<string, object> parameters)
    {
        var key = $"{view.Name}\n{string.Join('\n', parameters.OrderBy(static pair => pair.Key, StringComparer.Ordinal).Select(static pair => $"{pair.Key}={pair.Value}"))}";
        lock (_gate)
        {
            if (!_open.TryGetValue(key, out var rendering))
                _open[key] = rendering = new SharedRendering(view, parameters, scopes, loggers, time);
            rendering.Viewers++;
            return new Lease(this, key, rendering);
        }
    }

    /// <summary>One viewer of a rendering.</summary>
    public sealed class Lease(SharedRenderings owner, string key, SharedRendering rendering) : IDisposable
    {
        bool _over;

        public Task<Rendered> CurrentAsync() => rendering.CurrentAsync();

        public void Dispose()
        {
            lock (owner._gate)
            {
                if (_over)
                    return;
                _over = true;
                if (--rendering.Viewers == 0)
                    owner._open.Remove(key);
            }
        }
    }
}
