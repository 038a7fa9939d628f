using System.Text.RegularExpressions;
using Aspire.Hosting.ApplicationModel;
using Realtime.Tests.Documentation;
using Xunit;

namespace Realtime.Tests.AppHost;

/// <summary>The manifests under <c>deploy/kubernetes</c> say what the model says: no more variables, no fewer, secrets from secrets, the same ports.</summary>
public sealed partial class KubernetesTests
{
    [Theory]
    [InlineData("media", "media-0")]
    [InlineData("signaling", "signaling")]
    [InlineData("web", "web")]
    public async Task ManifestAndModelGiveTheSameVariables(string manifest, string resource)
    {
        var model = await PublishedModel.OfAsync("kubernetes");
        var wanted = await model.VariablesAsync(model[resource]);
        // REDIS_HOST, MEDIA_0_CONTROL and the like are for programs that read no connection strings.
        var names = wanted.Keys.Where(static name => name.Contains("__", StringComparison.Ordinal) || name is "HTTP_PORTS" or "DOTNET_GCgen0size");
        Assert.Equal(names.Order(), Variables(Workload(manifest)).Keys.Order());
    }

    [Theory]
    [InlineData("media", "media-0")]
    [InlineData("signaling", "signaling")]
    [InlineData("web", "web")]
    public async Task SecretsComeFromTheSecret_UnderTheParametersName(string manifest, string resource)
    {
        var model = await PublishedModel.OfAsync("kubernetes");
        var given = Variables(Workload(manifest));
        foreach (var (variable, parameter) in await model.SecretsAsync(model[resource]))
            Assert.Contains($"secretKeyRef: {{ name: realtime, key: {parameter} }}", given[variable], StringComparison.Ordinal);
        var example = Read("secrets.example.yaml");
        Assert.All(SecretKey().Matches(Workload(manifest)).Select(static match => match.Groups[1].Value), key => Assert.Contains($"  {key}:", example, StringComparison.Ordinal));
    }

    [Fact]
    public async Task TextIsTheSameInBoth()
    {
        var model = await PublishedModel.OfAsync("kubernetes");
        foreach (var (manifest, resource) in new[] { ("media", "media-0"), ("signaling", "signaling"), ("web", "web") })
        {
            var given = Variables(Workload(manifest));
            foreach (var (name, value) in await model.VariablesAsync(model[resource]))
            {
                if (value is string text && name != "Media__Node" && given.TryGetValue(name, out var written) && !written.Contains("valueFrom", StringComparison.Ordinal))
                    Assert.Equal($"value: \"{text}\"", written.Trim());
            }
        }

        Assert.Contains("\"http://media-1.media:8081\"", Variables(Workload("signaling"))["services__media-1__control__0"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task AModelNodeListensWhereTheManifestSays()
    {
        var model = await PublishedModel.OfAsync("kubernetes");
        var media = Workload("media");
        foreach (var endpoint in model["media-0"].Annotations.OfType<EndpointAnnotation>())
            Assert.Contains($"name: {endpoint.Name}, containerPort: {endpoint.TargetPort}", media, StringComparison.Ordinal);
        Assert.Contains("containerPort: 40000, protocol: UDP", media, StringComparison.Ordinal);
        Assert.Contains("hostNetwork: true", media, StringComparison.Ordinal);
        Assert.Contains("kind: StatefulSet", media, StringComparison.Ordinal);
        Assert.Contains("topologyKey: kubernetes.io/hostname", media, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("media")]
    [InlineData("signaling")]
    [InlineData("web")]
    public void NothingRunsAsRoot_OrWrites_AndEverythingMayDrain(string manifest)
    {
        var workload = Workload(manifest);
        foreach (var line in new[]
        {
            "runAsNonRoot: true", "runAsUser: 1654", "readOnlyRootFilesystem: true", "allowPrivilegeEscalation: false", "capabilities: { drop: [ALL] }", "terminationGracePeriodSeconds: 45",
            "mountPath: /tmp", "path: /health", "path: /ready", "path: /alive", "replicas: 2",
        })
            Assert.Contains(line, workload, StringComparison.Ordinal);
        Assert.Contains("kind: PodDisruptionBudget", Read($"{manifest}.yaml"), StringComparison.Ordinal);
    }

    /// <summary>The images' user is the one that the manifests name.</summary>
    [Fact]
    public async Task TheImagesRunAsThatUser()
    {
        Assert.Contains("<ContainerUser>1654</ContainerUser>", await File.ReadAllTextAsync(Path.Combine(DocsCommand.Root(), "Container.props")), StringComparison.Ordinal);
        foreach (var project in new[] { "Realtime.Signaling", "Realtime.Media", "Realtime.Web" })
            Assert.Contains("../Container.props", await File.ReadAllTextAsync(Path.Combine(DocsCommand.Root(), project, $"{project}.csproj")), StringComparison.Ordinal);
    }

    static string Workload(string manifest) => Read($"{manifest}.yaml").Split("\n---\n")[0];

    static string Read(string file) => File.ReadAllText(Path.Combine(DocsCommand.Root(), "deploy", "kubernetes", file));

    static Dictionary<string, string> Variables(string workload) => Variable().Matches(workload).ToDictionary(static match => match.Groups[1].Value, static match => match.Groups[2].Value);

    [GeneratedRegex(@"^            - name: (\S+)\n              (.+)$", RegexOptions.Multiline)]
    private static partial Regex Variable();

    [GeneratedRegex("secretKeyRef: { name: realtime, key: ([a-z-]+) }")]
    private static partial Regex SecretKey();
}
