using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace StackExchange.Redis.Database;

/// <summary>Lua scripts.</summary>
internal sealed partial class RedisDatabase
{
    // A program has few scripts; one that builds them at run time is served too, only without remembering their hashes.
    const int MaxRememberedScripts = 256;

    readonly ConcurrentDictionary<string, string> _hashes = new();

    public async Task<RedisResult> ScriptEvaluateAsync(string script, RedisKey[]? keys, RedisValue[]? values, CommandFlags flags)
    {
        RedisValue[] parameters = [(keys ?? []).Length, .. (keys ?? []).Select(key => key.AsArgument()), .. values ?? []];
        // Fire and forget would not see that the server does not know the script.
        if ((flags & CommandFlags.FireAndForget) != 0)
            return new RedisResult(await SendAsync("EVAL", [script, .. parameters], flags));
        try
        {
            return new RedisResult(await SendAsync("EVALSHA", [HashOf(script), .. parameters], flags));
        }
        catch (RedisServerException exception) when (exception.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
        {
            // A new server, or its scripts were flushed: EVAL runs it and makes the server remember.
            return new RedisResult(await SendAsync("EVAL", [script, .. parameters], flags));
        }
    }

    string HashOf(string script)
    {
        if (_hashes.TryGetValue(script, out var hash))
            return hash;
        hash = Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(script)));
        if (_hashes.Count < MaxRememberedScripts)
            _hashes.TryAdd(script, hash);
        return hash;
    }
}
