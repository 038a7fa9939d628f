using Realtime.ServiceDefaults.Faults;

namespace Realtime.Web.Model;

/// <summary>A fault rule that stands, and how often it struck.</summary>
public sealed record ArmedFault(FaultRule Rule, long Hits);
