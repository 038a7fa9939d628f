using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Options;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;
using Realtime.Tests.CrashSafety;
using Xunit;

namespace Realtime.Tests.Minimal.Http;

public class StandardResilienceTests
{
    /// <summary>Answers as it is told, and counts.</summary>
    sealed class Server(Func<int, HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> answer) : HttpMessageHandler
    {
        public int Calls;

        public static Server Always(HttpStatusCode status) => new((_, request, _) => Task.FromResult(new HttpResponseMessage(status) { RequestMessage = request }));

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            answer(Interlocked.Increment(ref Calls), request, cancellationToken);
    }

    readonly ManualTime _time = new();

    ServiceProvider Services(Server server, Action<HttpStandardResilienceOptions>? configure = null, bool byAuthority = false)
    {
        var services = new ServiceCollection().AddSingleton<TimeProvider>(_time);
        var standard = services.AddHttpClient("x").ConfigurePrimaryHttpMessageHandler(() => server).AddStandardResilienceHandler(options =>
        {
            options.Retry.Delay = TimeSpan.Zero;
            configure?.Invoke(options);
        });
        if (byAuthority)
            standard.SelectPipelineByAuthority();
        return services.BuildServiceProvider();
    }

    static HttpClient Client(ServiceProvider services) => services.GetRequiredService<IHttpClientFactory>().CreateClient("x");

    [Fact]
    public void Has_the_numbers_of_the_package()
    {
        var standard = new HttpStandardResilienceOptions();
        Assert.Equal((1000, 0), (standard.RateLimiter.DefaultRateLimiterOptions.PermitLimit, standard.RateLimiter.DefaultRateLimiterOptions.QueueLimit));
        Assert.Equal((TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(10)), (standard.TotalRequestTimeout.Timeout, standard.AttemptTimeout.Timeout));
        Assert.Equal((3, DelayBackoffType.Exponential, true, TimeSpan.FromSeconds(2), true),
            (standard.Retry.MaxRetryAttempts, standard.Retry.BackoffType, standard.Retry.UseJitter, standard.Retry.Delay, standard.Retry.ShouldRetryAfterHeader));
        Assert.Equal((0.1, 100, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(5)),
            (standard.CircuitBreaker.FailureRatio, standard.CircuitBreaker.MinimumThroughput, standard.CircuitBreaker.SamplingDuration, standard.CircuitBreaker.BreakDuration));
        using var services = Services(Server.Always(HttpStatusCode.OK));
        Assert.Equal(Timeout.InfiniteTimeSpan, Client(services).Timeout);
    }

    [Theory]
    [InlineData(HttpStatusCode.InternalServerError, 4)]
    [InlineData(HttpStatusCode.ServiceUnavailable, 4)]
    [InlineData(HttpStatusCode.RequestTimeout, 4)]
    [InlineData(HttpStatusCode.TooManyRequests, 4)]
    [InlineData(HttpStatusCode.OK, 1)]
    [InlineData(HttpStatusCode.NotFound, 1)]
    [InlineData(HttpStatusCode.Conflict, 1)]
    public async Task Retries_what_may_pass_by_itself(HttpStatusCode status, int calls)
    {
        var server = Server.Always(status);
        using var services = Services(server);
        using var response = await Client(services).GetAsync("http://service/");
        Assert.Equal((status, calls), (response.StatusCode, server.Calls));
    }

    [Fact]
    public async Task Connection_failures_are_retried_and_bugs_are_not()
    {
        var refusing = new Server((call, request, _) => call < 3 ? throw new HttpRequestException("refused") : Task.FromResult(new HttpResponseMessage { RequestMessage = request }));
        using (var services = Services(refusing))
            Assert.True((await Client(services).GetAsync("http://service/")).IsSuccessStatusCode);
        Assert.Equal(3, refusing.Calls);

        var buggy = new Server((_, _, _) => throw new InvalidOperationException());
        using (var services = Services(buggy))
            await Assert.ThrowsAsync<InvalidOperationException>(() => Client(services).GetAsync("http://service/"));
        Assert.Equal(1, buggy.Calls);
    }

    [Theory]
    [InlineData("GET", 4)]
    [InlineData("HEAD", 4)]
    [InlineData("OPTIONS", 4)]
    [InlineData("POST", 1)]
    [InlineData("PUT", 1)]
    [InlineData("PATCH", 1)]
    [InlineData("DELETE", 1)]
    public async Task Unsafe_methods_are_not_retried_when_told_so(string method, int calls)
    {
        var server = new Server((_, _, _) => throw new HttpRequestException("reset after it was sent"));
        using var services = Services(server, static options => options.Retry.DisableForUnsafeHttpMethods());
        await Assert.ThrowsAsync<HttpRequestException>(() => Client(services).SendAsync(new HttpRequestMessage(new HttpMethod(method), "http://service/")));
        Assert.Equal(calls, server.Calls);
    }

    [Fact]
    public async Task Waits_as_long_as_Retry_After_says()
    {
        var delay = new TaskCompletionSource<TimeSpan>(TaskCreationOptions.RunContinuationsAsynchronously);
        var server = new Server((_, request, _) => Task.FromResult(new HttpResponseMessage(HttpStatusCode.TooManyRequests)
        {
            RequestMessage = request,
            Headers = { RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromSeconds(7)) },
        }));
        using var services = Services(server, options => options.Retry.OnRetry = arguments =>
        {
            delay.TrySetResult(arguments.RetryDelay);
            return default;
        });
        using var giveUp = new CancellationTokenSource();
        var call = Client(services).GetAsync("http://service/", giveUp.Token);
        Assert.Equal(TimeSpan.FromSeconds(7), await delay.Task.WaitAsync(ManualTime.Patience));
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Equal(1, server.Calls);
    }

    [Fact]
    public async Task An_attempt_that_takes_too_long_is_given_up_and_tried_again()
    {
        var hanging = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var server = new Server(async (call, request, cancellation) =>
        {
            if (call == 1)
            {
                hanging.SetResult();
                await Task.Delay(Timeout.Infinite, cancellation);
            }
            return new HttpResponseMessage { RequestMessage = request };
        });
        using var services = Services(server);
        var call = Client(services).GetAsync("http://service/");
        await hanging.Task.WaitAsync(ManualTime.Patience);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.True((await call.WaitAsync(ManualTime.Patience)).IsSuccessStatusCode);
        Assert.Equal(2, server.Calls);
    }

    [Fact]
    public async Task All_attempts_together_take_thirty_seconds_at_most()
    {
        var hanging = new SemaphoreSlim(0);
        var server = new Server(async (_, _, cancellation) =>
        {
            hanging.Release();
            await Task.Delay(Timeout.Infinite, cancellation);
            throw new InvalidOperationException("not reached");
        });
        using var services = Services(server);
        var call = Client(services).GetAsync("http://service/");
        for (var i = 0; i < 3; i++)
        {
            Assert.True(await hanging.WaitAsync(ManualTime.Patience));
            _time.Advance(TimeSpan.FromSeconds(10));
        }
        await Assert.ThrowsAsync<TimeoutRejectedException>(() => call.WaitAsync(ManualTime.Patience));
        Assert.Equal(3, server.Calls);
    }

    [Fact]
    public async Task Calls_beyond_the_limit_in_flight_are_refused()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var server = new Server(async (_, request, _) =>
        {
            await release.Task;
            return new HttpResponseMessage { RequestMessage = request };
        });
        using var services = Services(server, static options => options.RateLimiter.DefaultRateLimiterOptions.PermitLimit = 2);
        var client = Client(services);
        var passing = new[] { client.GetAsync("http://service/"), client.GetAsync("http://service/") };
        await Assert.ThrowsAnyAsync<ExecutionRejectedException>(() => client.GetAsync("http://service/"));
        release.SetResult();
        await Task.WhenAll(passing);
        Assert.Equal(2, server.Calls);
    }

    [Fact]
    public async Task An_open_circuit_refuses_calls_to_its_own_authority_alone()
    {
        var server = new Server((_, request, _) =>
            Task.FromResult(new HttpResponseMessage(request.RequestUri!.Host == "bad" ? HttpStatusCode.InternalServerError : HttpStatusCode.OK) { RequestMessage = request }));
        using var services = Services(server, static options => options.Retry.DisableFor(HttpMethod.Get), byAuthority: true);
        var client = Client(services);
        for (var i = 0; i < 100; i++)
            (await client.GetAsync("http://bad/")).Dispose();
        await Assert.ThrowsAsync<BrokenCircuitException>(() => client.GetAsync("http://bad/"));
        Assert.True((await client.GetAsync("http://good/")).IsSuccessStatusCode);
        Assert.Equal(101, server.Calls);
    }

    [Fact]
    public void Timeouts_that_contradict_each_other_are_named()
    {
        using var services = Services(Server.Always(HttpStatusCode.OK), static options => options.AttemptTimeout.Timeout = TimeSpan.FromSeconds(40));
        var failure = Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IOptionsMonitor<HttpStandardResilienceOptions>>().Get("x-standard"));
        Assert.Equal(2, failure.Failures.Count());
    }
}
