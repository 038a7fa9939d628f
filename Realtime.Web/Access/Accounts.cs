using System.Text.Json;
using Npgsql;
using Realtime.Contracts;

namespace Realtime.Web.Access;

/// <summary>
/// The accounts of the console: in memory and in one file that only the owner reads, so that operators sign in while Postgres is away, too. Where there is a database, its row is the truth for all
/// replicas and the file its copy; accounts then change only while it is there. At most <see cref="MaxAccounts"/>.
/// </summary>
sealed class Accounts(ConsoleOptions options, TimeProvider time, SharedState shared)
{
    public const int MaxAccounts = 100;
    public const string Admin = "admin";

    const string Kind = "accounts";
    const string RowName = "all";

    /// <summary>Held over calls to Postgres, and never by who only reads: a Postgres that hangs keeps nobody out.</summary>
    readonly Lock _changes = new();

    /// <summary>Held over the file.</summary>
    readonly Lock _gate = new();
    volatile IReadOnlyList<Account> _all = [];
    DateTime _readAt;

    /// <summary>Of the row that <see cref="_all"/> is; 0: none was read or written yet.</summary>
    long _version;

    string FilePath => Path.Combine(options.Directory, "accounts.json");

    public IReadOnlyList<Account> All
    {
        get
        {
            Refresh();
            return _all;
        }
    }

    public Account? Find(string? name) => name is null ? null : All.FirstOrDefault(one => one.Name == name);

    /// <summary>Makes <c>admin</c> when there is nobody, or gives it the configured password.</summary>
    /// <returns>A password that was made, to be shown once; null when there is nothing to show.</returns>
    public string? Begin()
    {
        Refresh();
        if (shared.IsConfigured)
            Synchronise();
        if (options.AdminPassword.Length > 0)
        {
            if (!Passwords.Matches(Find(Admin)?.PasswordHash, options.AdminPassword))
                PutFirst(options.AdminPassword);
            return null;
        }
        if (_all.Count > 0)
            return null;
        var password = Passwords.Make();
        PutFirst(password);
        return password;
    }

    /// <summary>Takes over what is in Postgres, or is the first to put something there.</summary>
    /// <returns>False: it is away, or its schema is not there yet; what is known holds.</returns>
    public bool Synchronise()
    {
        lock (_changes)
        {
            try
            {
                if (shared.Read(Kind) is [var row, ..])
                {
                    if (row.Version == _version)
                        return true;
                    Volatile.Write(ref _version, row.Version);
                    Keep(JsonSerializer.Deserialize<AccountFile>(row.Content, AccountFile.Json)?.Accounts ?? _all);
                    return true;
                }

                return _all.Count == 0 || Publish(_all);
            }
            catch (Exception failure) when (failure is NpgsqlException or JsonException)
            {
                ServiceDefaults.CrashSafety.ActionLog.Record("console", "accountsNotShared");
                return false;
            }
        }
    }

    /// <summary>Makes an account, or gives one another role and password; its sessions end.</summary>
    public RealtimeError? Put(string name, string role, string password)
    {
        if (!Account.IsName(name))
            return new(ErrorCode.Invalid, $"A name has 1 to {Account.MaxNameLength} letters, digits, dots, dashes and underscores.", "name");
        if (role is not (ConsoleRole.Operator or ConsoleRole.Viewer))
            return new(ErrorCode.Invalid, "operator or viewer.", "role");
        lock (_changes)
        {
            Refresh();
            var others = _all.Where(one => one.Name != name).ToList();
            if (others.Count >= MaxAccounts)
                return new(ErrorCode.Conflict, $"There are {MaxAccounts} accounts already.");
            return Change([.. others, new Account(name, role, Passwords.Hash(password), Guid.NewGuid().ToString("N"), time.GetUtcNow())]);
        }
    }

    /// <returns>What stands against it; null: it is gone, and its sessions with it.</returns>
    public RealtimeError? Remove(string name)
    {
        lock (_changes)
        {
            Refresh();
            if (Find(name) is not { } account)
                return new(ErrorCode.NotFound, "There is no such account.", "name");
            var left = _all.Where(one => one != account).ToList();
            if (!left.Any(static one => one.Role == ConsoleRole.Operator))
                return new(ErrorCode.Conflict, "The last operator stays: nobody could act any more.", "name");
            return Change(left);
        }
    }

    /// <summary>Without Postgres this process has an account all the same; it is shared, or replaced by what is there, later.</summary>
    void PutFirst(string password)
    {
        if (Put(Admin, ConsoleRole.Operator, password) is not { Code: ErrorCode.Unavailable })
            return;
        lock (_changes)
            Keep([.. _all.Where(static one => one.Name != Admin), new Account(Admin, ConsoleRole.Operator, Passwords.Hash(password), Guid.NewGuid().ToString("N"), time.GetUtcNow())]);
    }

    RealtimeError? Change(IReadOnlyList<Account> accounts)
    {
        try
        {
            if (shared.IsConfigured && !Publish(accounts))
                return new(ErrorCode.Conflict, "Somebody else changed the accounts meanwhile; try again.");
        }
        catch (NpgsqlException)
        {
            return new(ErrorCode.Unavailable, "The accounts cannot be changed while Postgres is away.", RetryAfterMs: 5000);
        }
        Keep(accounts);
        return null;
    }

    bool Publish(IReadOnlyList<Account> accounts)
    {
        if (!shared.Write(Kind, RowName, JsonSerializer.Serialize(new AccountFile(accounts), AccountFile.Json), _version))
            return false;
        _version++;
        return true;
    }

    void Keep(IReadOnlyList<Account> accounts)
    {
        lock (_gate)
        {
            _all = accounts;
            try
            {
                WriteFile(accounts);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
            {
                // A read-only container: the accounts hold as long as this process.
                ServiceDefaults.CrashSafety.ActionLog.Record("console", "accountsNotKept");
            }
        }
    }

    void WriteFile(IReadOnlyList<Account> accounts)
    {
        Directory.CreateDirectory(options.Directory);
        var aside = FilePath + ".new";
        var file = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            file.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var stream = new FileStream(aside, file))
        {
            JsonSerializer.Serialize(stream, new AccountFile(accounts), AccountFile.Json);
            stream.Flush(flushToDisk: true);
        }
        File.Move(aside, FilePath, overwrite: true);
        _readAt = File.GetLastWriteTimeUtc(FilePath);
    }

    void Refresh()
    {
        lock (_gate)
        {
            // Where the database was read, the file is but its copy.
            if (Volatile.Read(ref _version) > 0)
                return;
            try
            {
                var changed = File.GetLastWriteTimeUtc(FilePath);
                if (changed == _readAt || !File.Exists(FilePath))
                    return;
                using var stream = File.OpenRead(FilePath);
                _all = JsonSerializer.Deserialize<AccountFile>(stream, AccountFile.Json)?.Accounts ?? _all;
                _readAt = changed;
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or JsonException)
            {
                // What was known holds: a file in the middle of a change, or on a disk that is away, must lock nobody out.
                ServiceDefaults.CrashSafety.ActionLog.Record("console", "accountsNotRead");
            }
        }
    }
}
