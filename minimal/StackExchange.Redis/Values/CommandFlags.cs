namespace StackExchange.Redis;

/// <summary>What to do with a command beyond running it.</summary>
[Flags]
public enum CommandFlags
{
    None = 0,
    /// <summary>The caller takes no interest in the outcome: the call returns a default value at once.</summary>
    FireAndForget = 2,
}
