namespace StackExchange.Redis;

/// <summary>Which ends of a range are left out.</summary>
[Flags]
public enum Exclude
{
    None = 0,
    Start = 1,
    Stop = 2,
    Both = Start | Stop,
}

public enum Order
{
    Ascending,
    Descending,
}
