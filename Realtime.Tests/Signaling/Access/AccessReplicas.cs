using Realtime.Tests.Signaling.Hubs;
using Xunit;

namespace Realtime.Tests.Signaling.Access;

/// <summary>One pair of replicas for all tests of access: names keep them apart.</summary>
[CollectionDefinition(nameof(AccessReplicas))]
public sealed class AccessReplicas : ICollectionFixture<TwoReplicas>;
