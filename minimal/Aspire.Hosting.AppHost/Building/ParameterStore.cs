using System.Text.Json;

namespace Aspire.Hosting;

/// <summary>Generated parameters that outlive a run, in one file that only its owner reads (the place of Aspire's user secrets).</summary>
internal sealed class ParameterStore(string path)
{
    private static readonly Lock _lock = new();

    /// <returns>The stored value, or what <paramref name="make"/> gives, which is stored first.</returns>
    public string GetOrAdd(string name, Func<string> make)
    {
        lock (_lock)
        {
            var values = File.Exists(path) ? JsonSerializer.Deserialize<SortedDictionary<string, string>>(File.ReadAllText(path)) ?? [] : [];
            if (values.TryGetValue(name, out var value))
                return value;
            values[name] = value = make();
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            Runner.PrivateFile.Write(path, JsonSerializer.Serialize(values));
            return value;
        }
    }
}
