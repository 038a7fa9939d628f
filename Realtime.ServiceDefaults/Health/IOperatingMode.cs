namespace Realtime.ServiceDefaults.Health;

/// <summary>The operating mode a service is in (design §5), shown in the header <c>X-Realtime-Mode</c>. A service that registers none is <c>normal</c>.</summary>
public interface IOperatingMode
{
    /// <summary><c>normal</c>, or the mode's name as clients are told it. Read on every health request: cheap, never throws.</summary>
    string Name { get; }
}
