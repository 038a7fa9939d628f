namespace Realtime.Web.Access;

/// <summary>Section <c>Console</c>.</summary>
sealed class ConsoleOptions
{
    public const string Section = "Console";

    /// <summary>
    /// Where the accounts and the keys of the cookies are kept; where there is a database (<c>ConnectionStrings:realtimedb</c>, needed for several replicas) they are there, and here is a copy for
    /// the time it is away. Default: <c>.realtime/console</c> under the content root.
    /// </summary>
    public string Directory { get; set; } = "";

    /// <summary>The password of <c>admin</c>, where the directory is not kept (containers); 12 characters or more. Empty: one is made at the first start and shown once.</summary>
    public string AdminPassword { get; set; } = "";

    /// <summary>A session that is not used ends after this.</summary>
    public TimeSpan SessionIdle { get; set; } = TimeSpan.FromHours(8);

    /// <summary>The key with which this service signs its tokens for signaling (one of its <c>Auth:Keys</c>).</summary>
    public string KeyId { get; set; } = "";

    public string KeySecret { get; set; } = "";

    /// <exception cref="InvalidOperationException">What is configured is no good.</exception>
    public static ConsoleOptions From(IConfiguration configuration, IHostEnvironment environment)
    {
        var options = configuration.GetSection(Section).Get<ConsoleOptions>() ?? new ConsoleOptions();
        if (options.Directory.Length == 0)
            options.Directory = Path.Combine(environment.ContentRootPath, ".realtime", "console");
        if (options.AdminPassword.Length is > 0 and < Passwords.MinLength)
            throw new InvalidOperationException($"{Section}:{nameof(AdminPassword)} must have {Passwords.MinLength} characters or more.");
        if (options.SessionIdle < TimeSpan.FromMinutes(5))
            throw new InvalidOperationException($"{Section}:{nameof(SessionIdle)} must be at least 5 minutes.");
        if (options.KeyId.Length > 0 != options.KeySecret.Length > 0)
            throw new InvalidOperationException($"{Section}:{nameof(KeyId)} and {Section}:{nameof(KeySecret)} go together.");
        return options;
    }
}
