using Microsoft.Playwright;
using Realtime.Tests.Architecture;
using Xunit;

namespace Realtime.Tests.Harness;

/// <summary>axe-core (a development package of the JS client) looks at a page. It is evaluated, not loaded, so the page's content policy does not keep it out.</summary>
static class Axe
{
    // Serious and critical ones: what keeps somebody from using the page.
    const string Look = """
        async () => (await axe.run(document, { resultTypes: ['violations'] })).violations
          .filter(found => ['serious', 'critical'].includes(found.impact))
          .flatMap(found => found.nodes.map(node => `${found.id}: ${node.target.join(' ')} ${node.failureSummary ?? ''}`.replaceAll('\n', ' ')))
        """;

    static readonly Lazy<string> s_source = new(static () => File.ReadAllText(Path.Combine(Repository.Root, "clients", "js", "node_modules", "axe-core", "axe.min.js")));

    public static async Task CleanAsync(IPage page)
    {
        await page.EvaluateAsync($"() => {{ {s_source.Value} }}");
        Assert.Empty(await page.EvaluateAsync<string[]>(Look));
    }
}
