using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Realtime.Contracts;
using Realtime.Tests.Harness;
using Realtime.Tests.Signaling.Data;
using Realtime.Web.Access;
using Xunit;

namespace Realtime.Tests.Web;

/// <summary>Two replicas of the console on one database.</summary>
public sealed class SharedConsoleTests(PostgresFixture postgres) : IClassFixture<PostgresFixture>
{
    const string Password = "a-password-of-the-tests";
    const string Secret = "the-consoles-secret-of-the-tests-0123456789";

    static Task<WebHost> StartAsync(TestDatabase database, string secret = Secret) => WebHost.StartAsync(
        null, "Staging", ("Console:AdminPassword", Password), ("Console:KeyId", "console"), ("Console:KeySecret", secret), ("ConnectionStrings:realtimedb", database.ConnectionString));

    static IDataProtector Protector(WebHost web) => web.Services.GetRequiredService<IDataProtectionProvider>().CreateProtector("test");

    static Accounts AccountsOf(WebHost web) => web.Services.GetRequiredService<Accounts>();

    [Fact]
    public async Task WhatOneSeals_TheOtherOpens()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        await using var one = await StartAsync(database);
        await using var other = await StartAsync(database);
        Assert.Equal("hello", Protector(other).Unprotect(Protector(one).Protect("hello")));
        Assert.Equal("back", Protector(one).Unprotect(Protector(other).Protect("back")));
    }

    [Fact]
    public async Task AccountsAreTheSame_AndTheFirstOneIsMadeOnce()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        var both = await Task.WhenAll(StartAsync(database), StartAsync(database));
        await using var one = both[0];
        await using var other = both[1];
        await Eventually.TrueAsync(() => AccountsOf(one).Find(Accounts.Admin)?.Stamp == AccountsOf(other).Find(Accounts.Admin)?.Stamp);
        Assert.Null(AccountsOf(one).Put("vera", ConsoleRole.Viewer, Password));
        await Eventually.TrueAsync(() => AccountsOf(other).Find("vera") is not null);
        Assert.Null(AccountsOf(other).Remove("vera"));
        await Eventually.TrueAsync(() => AccountsOf(one).Find("vera") is null);
    }

    [Fact]
    public async Task AChangeOnOldKnowledgeIsRefused_AndNothingIsLost()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        using var state = new SharedState(database.Configuration);
        using var first = new Kept(state);
        using var second = new Kept(state);
        first.Accounts.Begin();
        Assert.True(second.Accounts.Synchronise());
        Assert.Null(first.Accounts.Put("vera", ConsoleRole.Viewer, Password));
        Assert.Equal(ErrorCode.Conflict, second.Accounts.Put("olaf", ConsoleRole.Viewer, Password)?.Code);
        Assert.True(second.Accounts.Synchronise());
        Assert.Null(second.Accounts.Put("olaf", ConsoleRole.Viewer, Password));
        Assert.True(first.Accounts.Synchronise());
        Assert.Equal(["admin", "olaf", "vera"], first.Accounts.All.Select(static account => account.Name).Order());
    }

    [Fact]
    public async Task WithoutPostgres_OperatorsGetIn_AndChangeNothing_AlsoAfterARestart()
    {
        await using var server = await PostgresServer.StartAsync();
        await using var database = await TestDatabase.CreateAsync(server);
        using var state = new SharedState(database.Configuration);
        using var kept = new Kept(state);
        kept.Accounts.Begin();
        var keys = kept.Keys();
        keys.StoreElement(new("one"), "key-1");
        await server.KillAsync();
        Npgsql.NpgsqlConnection.ClearAllPools();

        Assert.False(kept.Accounts.Synchronise());
        Assert.Equal(ErrorCode.Unavailable, kept.Accounts.Put("vera", ConsoleRole.Viewer, Password)?.Code);
        Assert.True(Passwords.Matches(kept.Accounts.Find(Accounts.Admin)?.PasswordHash, Password));
        keys.StoreElement(new("two"), "key-2");
        Assert.Equal(2, keys.GetAllElements().Count);
        var restarted = kept.Restarted();
        restarted.Begin();
        Assert.Equal(kept.Accounts.Find(Accounts.Admin)?.Stamp, restarted.Find(Accounts.Admin)?.Stamp);
        Assert.Equal(2, kept.Keys().GetAllElements().Count);

        await server.RestartAsync();
        Assert.Equal(2, keys.GetAllElements().Count);
        Assert.Equal(["key-1", "key-2"], state.Read("key").Select(static row => row.Name).Order());
        Assert.True(restarted.Synchronise());
    }

    [Fact]
    public async Task APostgresThatHangs_KeepsNobodyOut()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var connection = $"Host=127.0.0.1;Port={((IPEndPoint)silent.LocalEndpoint).Port};Username=u;Password=p;Database=d";
        using var state = new SharedState(new ConfigurationBuilder().AddInMemoryCollection([new("ConnectionStrings:realtimedb", connection)]).Build());
        using var kept = new Kept(state);
        var synchronising = Task.Run(kept.Accounts.Synchronise);
        using (var asked = await silent.AcceptTcpClientAsync())
        {
            Assert.Null(kept.Accounts.Find(Accounts.Admin));
            Assert.False(synchronising.IsCompleted, "Postgres is still being asked.");
        }

        silent.Stop();
        Assert.False(await synchronising.WaitAsync(TimeSpan.FromSeconds(20)));
    }

    /// <summary>A start before Postgres: there is an admin at once, and what Postgres has replaces it.</summary>
    [Fact]
    public async Task BeforeTheSchemaIsThere_TheConfiguredAdminGetsIn()
    {
        using var state = new SharedState(new ConfigurationBuilder().AddInMemoryCollection([new("ConnectionStrings:realtimedb", await postgres.Server.CreateDatabaseAsync())]).Build());
        using var kept = new Kept(state);
        Assert.Null(kept.Accounts.Begin());
        Assert.True(Passwords.Matches(kept.Accounts.Find(Accounts.Admin)?.PasswordHash, Password));
        Assert.False(kept.Accounts.Synchronise());
    }

    [Fact]
    public async Task TheDatabaseTellsNobodyTheKeys()
    {
        await using var database = await TestDatabase.CreateAsync(postgres.Server);
        await using var one = await StartAsync(database);
        var sealedText = Protector(one).Protect("hello");
        using var state = new SharedState(database.Configuration);
        var row = Assert.Single(state.Read("key"));
        Assert.Contains("<sealed", row.Content, StringComparison.Ordinal);
        Assert.DoesNotContain("masterKey", row.Content, StringComparison.OrdinalIgnoreCase);
        // Whoever has the database and not the secret opens nothing.
        await using var thief = await StartAsync(database, "another-secret-of-somebody-else-0123456789");
        Assert.ThrowsAny<System.Security.Cryptography.CryptographicException>(() => Protector(thief).Unprotect(sealedText));
    }

    /// <summary>One replica's disk.</summary>
    sealed class Kept : IDisposable
    {
        readonly SharedState _state;
        readonly ConsoleOptions _options = new() { Directory = Directory.CreateTempSubdirectory("realtime-console-").FullName, AdminPassword = Password };

        public Kept(SharedState state) => (_state, Accounts) = (state, new Accounts(_options, TimeProvider.System, state));

        public Accounts Accounts { get; }

        public Accounts Restarted() => new(_options, TimeProvider.System, _state);

        public SharedKeys Keys() => new(_state, new FileSystemXmlRepository(new DirectoryInfo(_options.Directory).CreateSubdirectory("keys"), NullLoggerFactory.Instance));

        public void Dispose() => Directory.Delete(_options.Directory, recursive: true);
    }
}
