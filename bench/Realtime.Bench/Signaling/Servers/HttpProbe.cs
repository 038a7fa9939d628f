namespace Realtime.Bench.Signaling.Servers;

static class HttpProbe
{
    static readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(5) };

    public static async Task<bool> AnswersAsync(int port, string path, CancellationToken stop)
    {
        try
        {
            using var response = await http.GetAsync(new Uri($"http://127.0.0.1:{port}{path}"), stop);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
