using System.Security.Cryptography;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Where a parameter's value comes from when configuration has none.</summary>
public abstract class ParameterDefault
{
    public abstract string GetDefaultValue();
}

/// <summary>A random text from a cryptographic source; at least one character of each allowed kind.</summary>
public sealed class GenerateParameterDefault : ParameterDefault
{
    public int MinLength { get; set; }
    public bool Lower { get; set; } = true;
    public bool Upper { get; set; } = true;
    public bool Numeric { get; set; } = true;
    public bool Special { get; set; } = true;

    public override string GetDefaultValue()
    {
        // Without the characters that are easily mistaken for one another; the specials need no quoting in connection strings.
        string[] kinds = [Lower ? "abcdefghjkmnpqrstuvwxyz" : "", Upper ? "ABCDEFGHJKMNPQRSTUVWXYZ" : "", Numeric ? "0123456789" : "", Special ? "-_.{}~()*+!" : ""];
        var all = string.Concat(kinds);
        if (all.Length == 0)
            throw new InvalidOperationException("A generated parameter needs at least one kind of character.");
        var text = kinds.Where(k => k.Length > 0).Select(k => k[RandomNumberGenerator.GetInt32(k.Length)]).ToList();
        while (text.Count < Math.Max(MinLength, 22))
            text.Add(all[RandomNumberGenerator.GetInt32(all.Length)]);
        var characters = text.ToArray();
        RandomNumberGenerator.Shuffle<char>(characters);
        return new string(characters);
    }
}

/// <summary>A parameter has no value and nothing to make one from.</summary>
public sealed class MissingParameterValueException(string message) : DistributedApplicationException(message);

/// <summary>A named value given from outside: <c>Parameters:name</c> in configuration.</summary>
public sealed class ParameterResource(string name, Func<ParameterResource, string> value, bool secret = false) : Resource(name), IValueProvider, IManifestExpressionProvider
{
    private readonly Lock _lock = new();
    private string? _value;

    public bool Secret { get; } = secret;
    public string? Description { get; set; }
    public ParameterDefault? Default { get; set; }
    public string ValueExpression => $"{{{Name}.value}}";

    public ValueTask<string?> GetValueAsync(CancellationToken cancellationToken = default)
    {
        lock (_lock)
            return new(_value ??= value(this));
    }
}
