using System.Globalization;
using System.Text;

namespace StackExchange.Redis;

/// <summary>The text form: <c>host:port,host:port,key=value,…</c>.</summary>
public sealed partial class ConfigurationOptions
{
    /// <exception cref="ArgumentException">A keyword is unknown or its value is malformed.</exception>
    public static ConfigurationOptions Parse(string configuration) => Parse(configuration, ignoreUnknown: false);

    public static ConfigurationOptions Parse(string configuration, bool ignoreUnknown)
    {
        var options = new ConfigurationOptions();
        foreach (var part in configuration.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = part.IndexOf('=');
            if (equals < 0)
                options.EndPoints.Add(part);
            else if (!options.TrySet(part[..equals].TrimEnd(), part[(equals + 1)..].TrimStart()) && !ignoreUnknown)
                throw new ArgumentException($"Keyword '{part[..equals].TrimEnd()}' is not supported.", nameof(configuration));
        }
        return options;
    }

    public override string ToString() => ToString(includePassword: true);

    public string ToString(bool includePassword)
    {
        var text = new StringBuilder();
        foreach (var endPoint in EndPoints)
            Append(EndPointCollection.ToString(endPoint));
        Set("name", ClientName);
        Set("keepAlive", KeepAlive > 0 ? KeepAlive : null);
        Set("syncTimeout", SyncTimeout == 5000 ? null : SyncTimeout);
        Set("asyncTimeout", _asyncTimeout);
        Set("connectTimeout", ConnectTimeout == 5000 ? null : ConnectTimeout);
        Set("connectRetry", ConnectRetry == 3 ? null : ConnectRetry);
        Set("user", User);
        Set("password", Password is null || includePassword ? Password : "*****");
        Set("ssl", Ssl ? "True" : null);
        Set("sslHost", SslHost);
        Set("abortConnect", AbortOnConnectFail ? null : "False");
        Set("defaultDatabase", DefaultDatabase);
        return text.ToString();

        void Set(string key, object? value)
        {
            if (value is not null)
                Append(string.Create(CultureInfo.InvariantCulture, $"{key}={value}"));
        }

        void Append(string part) => text.Append(text.Length == 0 ? "" : ",").Append(part);
    }

    bool TrySet(string key, string value)
    {
        switch (key.ToLowerInvariant())
        {
            case "abortconnect": AbortOnConnectFail = Boolean(key, value); break;
            case "asynctimeout": AsyncTimeout = Integer(key, value, 1); break;
            case "connectretry": ConnectRetry = Integer(key, value, 1); break;
            case "connecttimeout": ConnectTimeout = Integer(key, value, 1); break;
            case "defaultdatabase": DefaultDatabase = Integer(key, value, 0); break;
            case "keepalive": KeepAlive = Integer(key, value, -1); break;
            case "name": ClientName = value; break;
            case "password": Password = value; break;
            case "ssl": Ssl = Boolean(key, value); break;
            case "sslhost": SslHost = value; break;
            case "synctimeout": SyncTimeout = Integer(key, value, 1); break;
            case "user": User = value; break;
            // Accepted so that one connection string serves both package sets: this client always speaks RESP3.
            case "protocol": break;
            default: return false;
        }
        return true;
    }

    static int Integer(string key, string value, int minimum) =>
        int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= minimum ? number
            : throw new ArgumentOutOfRangeException(key, $"Keyword '{key}' requires an integer of at least {minimum}.");

    static bool Boolean(string key, string value) => value.ToLowerInvariant() switch
    {
        "true" or "1" or "yes" or "on" => true,
        "false" or "0" or "no" or "off" => false,
        _ => throw new ArgumentOutOfRangeException(key, $"Keyword '{key}' requires a boolean."),
    };
}
