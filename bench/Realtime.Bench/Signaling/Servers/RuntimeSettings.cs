namespace Realtime.Bench.Signaling.Servers;

/// <summary>Settings of the .NET runtime that both .NET servers get.</summary>
static class RuntimeSettings
{
    /// <summary>
    /// For memory: one heap and a small nursery, so that the resident set shows what is kept and not when somebody last collected. For everything else the defaults.
    /// </summary>
    public static Dictionary<string, string> For(bool memory)
    {
        var settings = new Dictionary<string, string> { ["ASPNETCORE_ENVIRONMENT"] = "Development", ["DOTNET_ENVIRONMENT"] = "Development", ["Logging__LogLevel__Default"] = "Warning" };
        if (!memory) return settings;
        settings["DOTNET_gcServer"] = "0";
        settings["DOTNET_gcConcurrent"] = "0";
        settings["DOTNET_GCgen0size"] = "0x400000";
        return settings;
    }
}
