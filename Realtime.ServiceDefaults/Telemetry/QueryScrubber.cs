using System.Diagnostics;
using OpenTelemetry;

namespace Realtime.ServiceDefaults.Telemetry;

/// <summary>Takes the query from every span before it is exported: the hub's carries the <c>access_token</c>.</summary>
sealed class QueryScrubber : BaseProcessor<Activity>
{
    static readonly string[] Urls = ["url.full", "http.url", "http.target"];

    public override void OnEnd(Activity data)
    {
        if (data.GetTagItem("url.query") is not null)
            data.SetTag("url.query", null);
        foreach (var tag in Urls)
        {
            if (data.GetTagItem(tag) is string url && url.IndexOf('?') is var query and >= 0)
                data.SetTag(tag, url[..query]);
        }
    }
}
