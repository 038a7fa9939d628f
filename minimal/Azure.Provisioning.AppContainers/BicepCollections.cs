using System.Collections.ObjectModel;

namespace Azure.Provisioning;

public sealed class BicepList<T> : Collection<BicepValue<T>>;

public sealed class BicepDictionary<T> : Dictionary<string, BicepValue<T>>;
