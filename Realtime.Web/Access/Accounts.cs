using System.Text.Json;
using Realtime.Contracts;

namespace Realtime.Web.Access;

/// <summary>
/// The accounts of the console, in one file that only the owner reads: operators sign in while Postgres is away, too. Written aside and renamed; read again when another replica changed it. At
/// most <see cref="MaxAccounts"/>.
/// </summary>
sealed class Accounts(ConsoleOptions options, TimeProvider time)
{
    public const int MaxAccounts = 100;
    public const string Admin = "admin";

    readonly Lock _gate = new();
    volatile IReadOnlyList<Account> _all = [];
    DateTime _readAt;

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
        if (options.AdminPassword.Length > 0)
        {
            if (!Passwords.Matches(Find(Admin)?.PasswordHash, options.AdminPassword))
                Put(Admin, ConsoleRole.Operator, options.AdminPassword);
            return null;
        }
        if (_all.Count > 0)
            return null;
        var password = Passwords.Make();
        Put(Admin, ConsoleRole.Operator, password);
        return password;
    }

    /// <summary>Makes an account, or gives one another role and password; its sessions end.</summary>
    public RealtimeError? Put(string name, string role, string password)
    {
        if (!Account.IsName(name))
            return new(ErrorCode.Invalid, $"A name has 1 to {Account.MaxNameLength} letters, digits, dots, dashes and underscores.", "name");
        if (role is not (ConsoleRole.Operator or ConsoleRole.Viewer))
            return new(ErrorCode.Invalid, "operator or viewer.", "role");
        lock (_gate)
        {
            Refresh();
            var others = _all.Where(one => one.Name != name).ToList();
            if (others.Count >= MaxAccounts)
                return new(ErrorCode.Conflict, $"There are {MaxAccounts} accounts already.");
            Write([.. others, new Account(name, role, Passwords.Hash(password), Guid.NewGuid().ToString("N"), time.GetUtcNow())]);
            return null;
        }
    }

    /// <returns>What stands against it; null: it is gone, and its sessions with it.</returns>
    public RealtimeError? Remove(string name)
    {
        lock (_gate)
        {
            Refresh();
            if (Find(name) is not { } account)
                return new(ErrorCode.NotFound, "There is no such account.", "name");
            var left = _all.Where(one => one != account).ToList();
            if (!left.Any(static one => one.Role == ConsoleRole.Operator))
                return new(ErrorCode.Conflict, "The last operator stays: nobody could act any more.", "name");
            Write(left);
            return null;
        }
    }

    void Write(IReadOnlyList<Account> accounts)
    {
        _all = accounts;
        try
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
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // A read-only container: the accounts hold as long as this process.
            ServiceDefaults.CrashSafety.ActionLog.Record("console", "accountsNotKept");
        }
    }

    void Refresh()
    {
        lock (_gate)
        {
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
