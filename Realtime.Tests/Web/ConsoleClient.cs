using System.Net;
using System.Text.RegularExpressions;

namespace Realtime.Tests.Web;

/// <summary>A person at the console without a browser: cookies, forms with their tokens, no redirect followed unseen.</summary>
sealed partial class ConsoleClient : IDisposable
{
    readonly HttpClient _http;

    public ConsoleClient(Uri address)
    {
        var handler = new HttpClientHandler { AllowAutoRedirect = false, CookieContainer = Cookies };
        _http = new HttpClient(handler) { BaseAddress = address, Timeout = TimeSpan.FromSeconds(30) };
        _http.DefaultRequestHeaders.Add("Accept", "text/html");
    }

    public CookieContainer Cookies { get; } = new();

    public Task<HttpResponseMessage> GetAsync(string path) => _http.GetAsync(path);

    public async Task<string> ReadAsync(string path)
    {
        using var response = await _http.GetAsync(path);
        response.EnsureSuccessStatusCode();
        return await response.Content.ReadAsStringAsync();
    }

    /// <summary>Posts a form with the token of a page.</summary>
    /// <param name="from">The page; null: without a token.</param>
    public async Task<HttpResponseMessage> PostAsync(string path, string? from, Dictionary<string, string>? fields = null, params (string Name, string Value)[] headers)
    {
        fields ??= [];
        if (from is not null)
            fields["__RequestVerificationToken"] = Token().Match(await ReadAsync(from)).Groups[1].Value;
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new FormUrlEncodedContent(fields) };
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value);
        return await _http.SendAsync(request);
    }

    public Task<HttpResponseMessage> SignInAsync(string name, string password, string back = "/console") =>
        PostAsync("/console/do/sign-in", "/console/sign-in", new() { ["name"] = name, ["password"] = password, ["back"] = back });

    public void Dispose() => _http.Dispose();

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex Token();
}
