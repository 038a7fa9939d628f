namespace Realtime.ServiceDefaults.Diagnostics;

/// <summary>One captured profile: a <c>.nettrace</c> file for PerfView, Visual Studio, <c>dotnet-trace</c> or speedscope.</summary>
/// <param name="Bytes">Of the file; absent while it is being captured.</param>
public sealed record ProfileInfo(string Id, DateTimeOffset Time, long? Bytes = null);

/// <summary>Body of <c>POST /admin/profile</c>.</summary>
public sealed record ProfileRequest(int? Seconds);

/// <summary>Body of <c>POST /admin/debug</c>.</summary>
/// <param name="Component">As the action log and crash reports name it.</param>
/// <param name="Minutes">1 to <see cref="DebugModes.MaxMinutes"/>; 10 when left out.</param>
public sealed record DebugRequest(string? Component, bool? On, int? Minutes = null);
