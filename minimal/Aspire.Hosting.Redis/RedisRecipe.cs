using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Runner;

namespace Aspire.Hosting.Redis;

/// <summary>Redis as <c>redis-server</c> from PATH, with its data in the state directory.</summary>
internal static class RedisRecipe
{
    public static ProcessRecipeAnnotation For(RedisResource redis) => new()
    {
        Missing = () => Programs.OnPath("redis-server") is null ? Programs.Missing("redis-server", "redis-server") : null,
        Prepare = async (context, cancellationToken) =>
        {
            var folder = context.State.DataOf(context.Instance.Id);
            var port = context.Instance.TargetPorts.Single().Value.ToString(CultureInfo.InvariantCulture);
            var save = redis.TryGetLastAnnotation<RedisPersistenceAnnotation>(out var persistence)
                ? string.Create(CultureInfo.InvariantCulture, $"{(long)persistence.Interval.TotalSeconds} {persistence.KeysChangedThreshold}")
                : "\"\"";
            // In a file, because every user of the machine can read command lines, and the password is one of them.
            var file = Path.Combine(folder, "redis.conf");
            PrivateFile.Write(file, $"""
                bind 127.0.0.1
                port {port}
                dir {Quoted(folder)}
                save {save}
                requirepass {await redis.PasswordParameter.GetValueAsync(cancellationToken)}
                daemonize no
                """);
            return new ProcessSpec { FileName = Programs.OnPath("redis-server")!, Arguments = [file], WorkingDirectory = folder };
        }
    };

    private static string Quoted(string path) => $"\"{path.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
