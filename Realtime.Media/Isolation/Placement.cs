using System.Text;

namespace Realtime.Media.Isolation;

/// <summary>Which worker of this node a room lives on: by its name, so nothing has to be remembered and nothing can disagree.</summary>
public static class Placement
{
    public static int WorkerOf(string room, int workers)
    {
        // FNV-1a over UTF-8: string.GetHashCode differs from process to process, which would make logs hard to compare.
        Span<byte> bytes = stackalloc byte[512];
        var length = Encoding.UTF8.TryGetBytes(room, bytes, out var written) ? written : bytes.Length;
        var hash = 2166136261u;
        foreach (var b in bytes[..length]) hash = (hash ^ b) * 16777619u;
        return (int)(hash % (uint)workers);
    }
}
