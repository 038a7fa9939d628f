using System.Net.Security;
using System.Security.Authentication;
using Microsoft.Extensions.Logging;

namespace StackExchange.Redis;

/// <summary>Where the server is and how to talk to it. Times are milliseconds.</summary>
public sealed partial class ConfigurationOptions : ICloneable
{
    int? _asyncTimeout;
    IReconnectRetryPolicy? _reconnectRetryPolicy;

    /// <summary>Lets a caller accept a certificate that the system does not trust.</summary>
    public event RemoteCertificateValidationCallback? CertificateValidation;

    /// <summary>The servers; each attempt to connect takes the next.</summary>
    public EndPointCollection EndPoints { get; private init; } = [];

    public string? User { get; set; }

    public string? Password { get; set; }

    public bool Ssl { get; set; }

    /// <summary>The name that the server's certificate must carry; by default the host connected to.</summary>
    public string? SslHost { get; set; }

    public SslProtocols? SslProtocols { get; set; }

    /// <summary>Whether connecting fails when no server can be reached, instead of going on trying in the background.</summary>
    public bool AbortOnConnectFail { get; set; } = true;

    /// <summary>For one attempt: TCP, TLS, authentication and subscriptions together.</summary>
    public int ConnectTimeout { get; set; } = 5000;

    /// <summary>Attempts of the first connect before it counts as failed.</summary>
    public int ConnectRetry { get; set; } = 3;

    public int SyncTimeout { get; set; } = 5000;

    /// <summary>From the call to the answer; by default the same as <see cref="SyncTimeout"/>.</summary>
    public int AsyncTimeout
    {
        get => _asyncTimeout ?? SyncTimeout;
        set => _asyncTimeout = value;
    }

    /// <summary>Seconds without traffic after which the connection is checked by a PING; -1 for the default (60).</summary>
    public int KeepAlive { get; set; } = -1;

    public string? ClientName { get; set; }

    public int? DefaultDatabase { get; set; }

    /// <summary>How often timeouts, keep-alive and reconnecting are looked at.</summary>
    public TimeSpan HeartbeatInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>When to try again after a failed attempt.</summary>
    public IReconnectRetryPolicy ReconnectRetryPolicy
    {
        get => _reconnectRetryPolicy ??= new ExponentialRetry(ConnectTimeout / 2);
        set => _reconnectRetryPolicy = value;
    }

    /// <summary>What happens to commands while there is no connection.</summary>
    public BacklogPolicy BacklogPolicy { get; set; } = BacklogPolicy.Default;

    public ILoggerFactory? LoggerFactory { get; set; }

    internal RemoteCertificateValidationCallback? CertificateValidationCallback => CertificateValidation;

    internal TimeSpan KeepAliveInterval => TimeSpan.FromSeconds(KeepAlive > 0 ? KeepAlive : 60);

    public ConfigurationOptions Clone()
    {
        var clone = new ConfigurationOptions
        {
            EndPoints = [.. EndPoints],
            User = User,
            Password = Password,
            Ssl = Ssl,
            SslHost = SslHost,
            SslProtocols = SslProtocols,
            AbortOnConnectFail = AbortOnConnectFail,
            ConnectTimeout = ConnectTimeout,
            ConnectRetry = ConnectRetry,
            SyncTimeout = SyncTimeout,
            KeepAlive = KeepAlive,
            ClientName = ClientName,
            DefaultDatabase = DefaultDatabase,
            HeartbeatInterval = HeartbeatInterval,
            BacklogPolicy = BacklogPolicy,
            LoggerFactory = LoggerFactory,
            _asyncTimeout = _asyncTimeout,
            _reconnectRetryPolicy = _reconnectRetryPolicy,
        };
        clone.CertificateValidation += CertificateValidation;
        return clone;
    }

    object ICloneable.Clone() => Clone();
}
