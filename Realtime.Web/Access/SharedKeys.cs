using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Npgsql;
using Realtime.ServiceDefaults.CrashSafety;

namespace Realtime.Web.Access;

/// <summary>
/// The keys of cookies and forms in Postgres, so that every replica opens what another one sealed. While Postgres is away the keys that are known go on (in memory, and in
/// <paramref name="local"/> over a restart), and a key made meanwhile is shared as soon as that is possible.
/// </summary>
/// <param name="local">A copy on disk; null where nothing can be written.</param>
sealed class SharedKeys(SharedState state, IXmlRepository? local) : IXmlRepository
{
    const string Kind = "key";

    readonly Lock _gate = new();
    readonly Dictionary<string, XElement> _known = new(StringComparer.Ordinal);
    readonly HashSet<string> _unshared = new(StringComparer.Ordinal);

    public IReadOnlyCollection<XElement> GetAllElements()
    {
        lock (_gate)
        {
            try
            {
                foreach (var row in state.Read(Kind))
                    _known[row.Name] = XElement.Parse(row.Content);
                foreach (var name in _unshared.ToArray())
                    Share(name);
            }
            catch (NpgsqlException)
            {
                ActionLog.Record("console", "keysNotRead");
                if (_known.Count == 0 && local is not null)
                    return local.GetAllElements();
            }

            return [.. _known.Values];
        }
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        lock (_gate)
        {
            _known[friendlyName] = element;
            _unshared.Add(friendlyName);
            local?.StoreElement(element, friendlyName);
            try
            {
                Share(friendlyName);
            }
            catch (NpgsqlException)
            {
                ActionLog.Record("console", "keyNotShared");
            }
        }
    }

    /// <summary>A name is made once, so one that is there already is ours.</summary>
    void Share(string name)
    {
        state.Write(Kind, name, _known[name].ToString(SaveOptions.DisableFormatting), 0);
        _unshared.Remove(name);
    }
}
