using Xunit;

namespace Realtime.Tests.Architecture;

static class Rule
{
    /// <summary>Fails with every violation in full, one a line: a reader should not have to run a scan by hand.</summary>
    public static void Holds(IEnumerable<string> violations)
    {
        var found = violations.ToList();
        Assert.True(found.Count == 0, string.Join('\n', found));
    }
}
