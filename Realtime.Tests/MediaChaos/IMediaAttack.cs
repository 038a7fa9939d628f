namespace Realtime.Tests.MediaChaos;

/// <summary>Something hostile that goes on beside the bystanders' call until it is told to stop.</summary>
interface IMediaAttack
{
    string Name { get; }

    /// <summary>How much of it there was: an attack that did nothing proves nothing.</summary>
    long Count { get; }

    /// <summary>Ends when cancelled; throws nothing then. What it saw break is in <paramref name="violations"/>.</summary>
    Task RunAsync(Violations violations, CancellationToken cancellation);
}
