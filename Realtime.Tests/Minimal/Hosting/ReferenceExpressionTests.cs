using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Xunit;

namespace Realtime.Tests.Minimal.Hosting;

public sealed class ReferenceExpressionTests
{
    [Fact]
    public async Task FillsItsHolesWhenAsked()
    {
        var builder = SampleApp.Builder();
        var secret = builder.AddParameter("secret", "s3cret", secret: true);
        var name = "plain {text}";
        var expression = ReferenceExpression.Create($"a={secret};b={name};{{}}");
        Assert.Equal("a=s3cret;b=plain {text};{}", await expression.GetValueAsync(CancellationToken.None));
        Assert.Equal("a={secret.value};b=plain {text};{}", expression.ValueExpression);
    }

    [Fact]
    public async Task NestsAndReadsEndpoints()
    {
        var builder = SampleApp.Builder();
        var redis = builder.AddRedis("cache", password: builder.AddParameter("password", "pw"));
        var endpoint = redis.Resource.PrimaryEndpoint.EndpointAnnotation;
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await redis.Resource.ConnectionStringExpression.GetValueAsync(CancellationToken.None));
        endpoint.AllocatedEndpoint = new AllocatedEndpoint(endpoint, "127.0.0.1", 1234);
        Assert.Equal("<127.0.0.1:1234,password=pw>", await ReferenceExpression.Create($"<{redis}>").GetValueAsync(CancellationToken.None));
    }

    [Fact]
    public async Task GeneratedParametersAreKept_WhenPersisted()
    {
        var state = Directory.CreateTempSubdirectory("realtime-test-").FullName;
        try
        {
            var first = await Value();
            Assert.Equal(48, first!.Length);
            Assert.All(first, c => Assert.True(char.IsAsciiLetterOrDigit(c)));
            Assert.Equal(first, await Value());
            if (!OperatingSystem.IsWindows())
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(state, "parameters.json")));
        }
        finally
        {
            Directory.Delete(state, recursive: true);
        }

        async Task<string?> Value()
        {
            var builder = SampleApp.Builder($"--Runner:StateDirectory={state}");
            return await builder.AddParameter("p", new GenerateParameterDefault { MinLength = 48, Special = false }, secret: true, persist: true).Resource.GetValueAsync(CancellationToken.None);
        }
    }

    [Fact]
    public async Task ConfigurationGoesBeforeTheDefault()
    {
        var parameter = SampleApp.Builder("--Parameters:turn_secret=given").AddParameter("turn-secret", new GenerateParameterDefault());
        Assert.Equal("given", await parameter.Resource.GetValueAsync(CancellationToken.None));
    }

    [Fact]
    public async Task AMissingParameterSaysItsKey()
    {
        var parameter = SampleApp.Builder().AddParameter("api-key");
        var failure = await Assert.ThrowsAsync<MissingParameterValueException>(async () => await parameter.Resource.GetValueAsync(CancellationToken.None));
        Assert.Contains("Parameters:api-key", failure.Message, StringComparison.Ordinal);
    }
}
