using Xunit;

namespace Realtime.Tests.Signaling.Hubs;

/// <summary>Tests of the guards that share two replicas; each takes users, addresses and channels of its own.</summary>
[CollectionDefinition(Name)]
public sealed class GuardCollection : ICollectionFixture<TwoReplicas>
{
    public const string Name = "guard";
}
