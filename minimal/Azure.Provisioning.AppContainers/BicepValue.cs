using Azure.Provisioning.Expressions;

namespace Azure.Provisioning;

/// <summary>What every value of a template has in common.</summary>
public interface IBicepValue
{
    /// <summary>A property of the template that holds it, as in <c>env.properties.staticIp</c>; null for a literal.</summary>
    string? Expression { get; }
}

/// <summary>A literal, or an expression that the deployment evaluates.</summary>
public sealed class BicepValue<T> : IBicepValue
{
    public BicepValue(T literal) => Value = literal;

    public BicepValue(BicepExpression expression) => Expression = expression.ToString();

    /// <summary>The literal; the default for an expression.</summary>
    public T? Value { get; }

    public string? Expression { get; }

    public static implicit operator BicepValue<T>(T value) => new(value);

    public static implicit operator BicepValue<T>(BicepExpression expression) => new(expression);
}

public static class BicepValueExtensions
{
    /// <summary>Refers to the value from elsewhere in the template.</summary>
    public static BicepExpression ToBicepExpression(this IBicepValue value) => new(value.Expression ?? "");
}
