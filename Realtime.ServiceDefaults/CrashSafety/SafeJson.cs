using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Unicode;
using Realtime.Contracts;

namespace Realtime.ServiceDefaults.CrashSafety;

/// <summary>
/// JSON from outside: size and depth are limited, duplicate members, broken UTF-8 and lone surrogates are refused, nothing throws.
/// A document that was accepted can be read without further care: every string in it decodes.
/// </summary>
public static class SafeJson
{
    public const int DefaultMaxBytes = 64 * 1024;
    public const int DefaultMaxDepth = 16;

    /// <summary>Dispose the document. False: too large, too deep, or not JSON.</summary>
    public static bool TryParse(
        ReadOnlyMemory<byte> utf8, [NotNullWhen(true)] out JsonDocument? document, int maxBytes = DefaultMaxBytes, int maxDepth = DefaultMaxDepth)
    {
        document = null;
        if (utf8.Length > maxBytes || !Utf8.IsValid(utf8.Span))
            return false;
        try
        {
            if (!StringsDecode(utf8.Span, maxDepth))
                return false;
            document = JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = maxDepth, AllowDuplicateProperties = false });
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>As <see cref="TryParse"/>, into a record of the contracts' dialect. False also when the shape does not fit, or for <c>null</c>.</summary>
    public static bool TryRead<T>(
        ReadOnlyMemory<byte> utf8, [NotNullWhen(true)] out T? value, int maxBytes = DefaultMaxBytes, int maxDepth = DefaultMaxDepth)
    {
        value = default;
        if (!TryParse(utf8, out var document, maxBytes, maxDepth))
            return false;
        using (document)
        {
            try
            {
                value = document.Deserialize<T>(ContractsJson.Options);
                return value is not null;
            }
            catch (Exception exception) when (exception is JsonException or NotSupportedException or ArgumentException or FormatException or OverflowException)
            {
                return false;
            }
        }
    }

    static bool StringsDecode(ReadOnlySpan<byte> utf8, int maxDepth)
    {
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = maxDepth });
        try
        {
            while (reader.Read())
            {
                // Only an escape can hide a lone surrogate; the bytes themselves were checked.
                if (reader.ValueIsEscaped)
                    reader.GetString();
            }
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
