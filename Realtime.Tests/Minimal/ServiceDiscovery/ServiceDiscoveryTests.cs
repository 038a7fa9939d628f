using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.ServiceDiscovery;
using Xunit;

namespace Realtime.Tests.Minimal.ServiceDiscovery;

public class ServiceDiscoveryTests
{
    static ServiceProvider Services(Action<IServiceCollection>? more, params (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(static pair => pair.Key, static pair => (string?)pair.Value)).Build();
        var services = new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddServiceDiscovery();
        more?.Invoke(services);
        return services.BuildServiceProvider();
    }

    static async Task<string[]> Find(string name, params (string Key, string Value)[] settings)
    {
        await using var services = Services(null, settings);
        var source = await services.GetRequiredService<ServiceEndpointResolver>().GetEndpointsAsync(name, default);
        return [.. source.Endpoints.Select(static endpoint => endpoint.ToString()!)];
    }

    [Fact]
    public async Task Schemes_are_tried_from_left_to_right() => Assert.Equal(
        ["https://localhost:2/"],
        await Find("https+http://basket", ("Services:basket:http:0", "http://localhost:1"), ("Services:basket:https:0", "https://localhost:2")));

    [Fact]
    public async Task Falls_back_to_the_next_scheme() => Assert.Equal(
        ["http://localhost:1/"], await Find("https+http://basket", ("services:BASKET:http:0", "http://localhost:1")));

    [Fact]
    public async Task Default_comes_before_the_schemes_and_keeps_the_best_scheme_only() => Assert.Equal(
        ["https://localhost:3/", "https://localhost:4/"],
        await Find("https+http://basket",
            ("Services:basket:default:0", "http://localhost:2"), ("Services:basket:default:1", "https://localhost:3"), ("Services:basket:default:2", "https://localhost:4"),
            ("Services:basket:https:0", "https://localhost:9")));

    [Fact]
    public async Task A_named_endpoint_is_looked_up_under_its_own_name() => Assert.Equal(
        ["http://127.0.0.1:5001/"],
        await Find("http://_control.media-0", ("Services:media-0:control:0", "http://127.0.0.1:5001"), ("Services:media-0:http:0", "http://127.0.0.1:5000")));

    [Fact]
    public async Task A_value_may_be_a_bare_string_or_host_and_port() => Assert.Equal(
        ["localhost:8080"], await Find("http://basket", ("Services:basket:http", "localhost:8080")));

    [Fact]
    public async Task Nothing_found_means_the_host_is_a_name_of_DNS() => Assert.Equal(["example.org:8443"], await Find("https+http://example.org:8443"));

    [Fact]
    public async Task A_value_that_is_no_address_is_named() =>
        Assert.Contains("not an address", (await Assert.ThrowsAsync<InvalidOperationException>(() => Find("http://basket", ("Services:basket:http:0", "not an address")))).Message);

    [Fact]
    public async Task Configuration_that_changes_is_read_again()
    {
        await using var services = Services(null, ("Services:basket:http:0", "http://localhost:1"));
        var resolver = services.GetRequiredService<ServiceEndpointResolver>();
        await resolver.GetEndpointsAsync("http://basket", default);
        var configuration = (IConfigurationRoot)services.GetRequiredService<IConfiguration>();
        configuration["Services:basket:http:0"] = "http://localhost:2";
        configuration.Reload();
        configuration["Services:basket:http:0"] = "http://localhost:2";
        Assert.Equal("http://localhost:2/", (await resolver.GetEndpointsAsync("http://basket", default)).Endpoints.Single().ToString());
    }

    [Theory]
    [InlineData("https+http://basket/api/x?y=1", "http://localhost:1/api/x?y=1", "http://localhost:2/api/x?y=1")]
    [InlineData("http://basket/", "http://localhost:1/", "http://localhost:2/")]
    [InlineData("https+http://elsewhere.test/a", "https://elsewhere.test/a", "https://elsewhere.test/a")]
    [InlineData("http://127.0.0.1:99/a", "http://127.0.0.1:99/a", "http://127.0.0.1:99/a")]
    [InlineData("http://based/a", "http://localhost:3/under/a", "http://localhost:3/under/a")]
    public async Task Requests_go_round_the_endpoints(string request, string first, string second)
    {
        var seen = new List<string>();
        await using var services = Services(
            collection => collection.AddHttpClient("x").ConfigurePrimaryHttpMessageHandler(() => new Recorder(seen)).AddServiceDiscovery(),
            ("Services:basket:http:0", "http://localhost:1"), ("Services:basket:http:1", "http://localhost:2"), ("Services:based:http:0", "http://localhost:3/under"));
        var client = services.GetRequiredService<IHttpClientFactory>().CreateClient("x");
        using var message = new HttpRequestMessage(HttpMethod.Get, request);
        await client.SendAsync(message);
        Assert.Equal(new Uri(request), message.RequestUri);
        await client.GetAsync(request);
        Assert.Equal([first, second], seen);
    }

    sealed class Recorder(List<string> seen) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            seen.Add(request.RequestUri!.AbsoluteUri);
            return Task.FromResult(new HttpResponseMessage { RequestMessage = request });
        }
    }
}
