namespace Azure.Provisioning.Expressions;

/// <summary>An expression of the template language, as its text.</summary>
public sealed class BicepExpression
{
    private readonly string _text;

    internal BicepExpression(string text) => _text = text;

    public override string ToString() => _text;
}
