using Aspire.Hosting.ApplicationModel;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Realtime.Media.Hosting;
using Realtime.ServiceDefaults;
using Realtime.Signaling.Auth;
using Realtime.Signaling.Hosting;
using Realtime.Signaling.MediaControl;
using Realtime.Tests.Documentation;
using Realtime.Web;
using Realtime.Web.Access;
using Realtime.Web.Joining;
using Xunit;

namespace Realtime.Tests.AppHost;

/// <summary>What each target gives a process is all that the process needs in Production, and nothing that it does not know: its own validators say so.</summary>
public sealed class EnvironmentContractTests
{
    public static TheoryData<string> Targets => ["aca", "compose", "kubernetes"];

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task SignalingHasAllItNeeds(string target)
    {
        var model = await PublishedModel.OfAsync(target);
        var builder = Production(await model.ResolvedAsync(model["signaling"]));
        await using var app = SignalingHost.Build(builder);
        app.Services.GetRequiredService<IStartupValidator>().Validate();
        Assert.Equal(["media-0", "media-1"], app.Services.GetRequiredService<MediaNodes>().All.Select(static node => node.Node).Order());
        Assert.NotEmpty(app.Services.GetRequiredService<IOptions<NetworkOptions>>().Value.Origins);
        Assert.NotEmpty(app.Services.GetRequiredService<IOptions<NetworkOptions>>().Value.Proxies);
        Assert.Equal(["app", "console"], app.Services.GetRequiredService<IOptions<AuthOptions>>().Value.Keys.Select(static key => key.Id).Order());
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task MediaHasAllItNeeds(string target)
    {
        var model = await PublishedModel.OfAsync(target);
        foreach (var node in new[] { "media-0", "media-1" })
        {
            var builder = Production(await model.ResolvedAsync(model[node]));
            builder.AddServiceDefaults();
            builder.AddMedia();
            await using var app = builder.Build();
            app.Services.GetRequiredService<IStartupValidator>().Validate();
            var options = app.Services.GetRequiredService<MediaOptions>();
            Assert.Equal((node, PublishedModel.PublicAddress), (options.Node, options.AnnouncedAddresses));
            Assert.Equal(model.Endpoint(node, "control").TargetPort, options.ControlPort);
            Assert.Equal(model.Endpoint(node, "ice-tcp").TargetPort, options.TcpEndPoint?.Port);
            Assert.Equal(target == "aca" ? null : model.Endpoint(node, "ice-udp").TargetPort, options.UdpEndPoint?.Port);
            Assert.Equal("http://*:8080", Listeners.Urls(builder.Configuration));
        }
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task WebHasAllItNeeds(string target)
    {
        var model = await PublishedModel.OfAsync(target);
        var variables = await model.ResolvedAsync(model["web"]);
        await using var app = WebApp.Build(
            new WebApplicationOptions { EnvironmentName = "Production", ApplicationName = typeof(WebApp).Assembly.GetName().Name, ContentRootPath = AppContext.BaseDirectory },
            builder => builder.Configuration.AddInMemoryCollection(Keys(variables)));
        app.Services.GetRequiredService<IStartupValidator>().Validate();
        var console = app.Services.GetRequiredService<ConsoleOptions>();
        Assert.Equal("console", console.KeyId);
        Assert.Equal((await model.ResolvedAsync(model["signaling"]))["Auth__Keys__console__Secrets__0"], console.KeySecret);
        Assert.Equal(target == "aca" ? "http://signaling:8080/hub" : "https://signal.example.org/hub", app.Services.GetRequiredService<SignalingAddress>().Hub?.ToString());
    }

    /// <summary>Both ends of what is shared are given the same parameter.</summary>
    [Theory]
    [MemberData(nameof(Targets))]
    public async Task SecretsAreSharedParameters(string target)
    {
        var model = await PublishedModel.OfAsync(target);
        var signaling = await model.SecretsAsync(model["signaling"]);
        Assert.Equal("media-control-secret", signaling["Media__ControlSecret"]);
        Assert.Equal("turn-secret", signaling["Turn__Secret"]);
        Assert.Equal("protection-secret", signaling["Protection__Secret"]);
        Assert.Equal("console-secret", signaling["Auth__Keys__console__Secrets__0"]);
        Assert.Equal("api-key-secret", signaling["Auth__Keys__app__Secrets__0"]);
        Assert.Equal("auth-master-key", signaling["Auth__MasterKey"]);
        Assert.Equal("media-control-secret", (await model.SecretsAsync(model["media-1"]))["Media__ControlSecret"]);
        var web = await model.SecretsAsync(model["web"]);
        Assert.Equal(("console-secret", "console-password"), (web["Console__KeySecret"], web["Console__AdminPassword"]));
    }

    /// <summary>A value that names itself a secret and is text in the model would end up in a file.</summary>
    [Theory]
    [MemberData(nameof(Targets))]
    public async Task NoSecretIsText(string target)
    {
        var model = await PublishedModel.OfAsync(target);
        foreach (var project in model.Projects)
        {
            foreach (var (name, value) in await model.VariablesAsync(project))
            {
                if (name.Contains("Secret", StringComparison.OrdinalIgnoreCase) || name.Contains("Password", StringComparison.OrdinalIgnoreCase) || name.EndsWith("MasterKey", StringComparison.Ordinal))
                    Assert.False(value is string, $"{project.Name}: {name} is written out.");
                if (value is ParameterResource { Secret: true } parameter)
                    Assert.False(parameter.Default is not null and not GenerateParameterDefault, $"{parameter.Name} has a default that can be read.");
            }
        }
    }

    /// <summary>A variable that no service reads is a mistake of spelling.</summary>
    [Theory]
    [MemberData(nameof(Targets))]
    public async Task EveryVariableIsAKnownKey(string target)
    {
        var model = await PublishedModel.OfAsync(target);
        var known = ConfigurationReference.Keys();
        foreach (var project in model.Projects)
        {
            foreach (var name in (await model.VariablesAsync(project)).Keys.Where(static name => name.Contains("__", StringComparison.Ordinal)))
                Assert.True(ConfigurationReference.Knows(known, name.Replace("__", ":", StringComparison.Ordinal)), $"{project.Name}: nobody reads {name}.");
        }
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task NobodyIsToldToBelieveEveryForwardedHeader(string target)
    {
        var model = await PublishedModel.OfAsync(target);
        foreach (var project in model.Projects)
        {
            var variables = await model.VariablesAsync(project);
            Assert.DoesNotContain("ASPNETCORE_FORWARDEDHEADERS_ENABLED", variables.Keys);
            // Production is what nobody says otherwise.
            Assert.DoesNotContain("ASPNETCORE_ENVIRONMENT", variables.Keys);
        }
    }

    static WebApplicationBuilder Production(IReadOnlyDictionary<string, string> variables)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production", ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddInMemoryCollection(Keys(variables));
        return builder;
    }

    static IEnumerable<KeyValuePair<string, string?>> Keys(IReadOnlyDictionary<string, string> variables)
        => variables.Select(static one => new KeyValuePair<string, string?>(one.Key.Replace("__", ":", StringComparison.Ordinal), one.Value));
}
