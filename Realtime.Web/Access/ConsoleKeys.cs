using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.Logging.Abstractions;
using Realtime.ServiceDefaults.CrashSafety;

namespace Realtime.Web.Access;

/// <summary>Where the keys of cookies and forms are: in Postgres for all replicas, else in a directory, else (a read-only container alone) nowhere, and sessions end with the process.</summary>
static class ConsoleKeys
{
    public static void Add(IDataProtectionBuilder protection, ConsoleOptions options, bool isShared)
    {
        var local = Local(Path.Combine(options.Directory, "keys"));
        if (!isShared && local is null)
        {
            protection.UseEphemeralDataProtectionProvider();
            return;
        }
        protection.Services.AddOptions<KeyManagementOptions>().Configure<SharedState>((keys, state) =>
        {
            keys.XmlRepository = isShared ? new SharedKeys(state, local) : local;
            if (isShared && options.KeySecret.Length > 0)
                keys.XmlEncryptor = new KeySealer(options.KeySecret);
        });
    }

    static FileSystemXmlRepository? Local(string directory)
    {
        try
        {
            return new FileSystemXmlRepository(Directory.CreateDirectory(directory), NullLoggerFactory.Instance);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            ActionLog.Record("console", "keysNotKept");
            return null;
        }
    }
}
