using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Realtime.Signaling.Fanout;
using Realtime.Tests.Signaling.Hubs;

namespace Realtime.Tests.Chaos;

/// <summary>What is taken out of the product to see whether the checker notices.</summary>
public enum Broken
{
    Nothing,
    /// <summary>A message is stored again when it is sent again.</summary>
    Dedup,
    /// <summary>Nobody reads the outbox.</summary>
    Tail,
    /// <summary>Other replicas do not hear what moderators do.</summary>
    Moderation,
    /// <summary>A replica that lost a session still writes its row: generations do not count.</summary>
    Fence,
}

/// <summary>Two replicas with a part missing, taken out from outside: an altered database, a service that is not run.</summary>
sealed class BrokenReplicas(Broken broken) : TwoReplicas
{
    const string Dedup = "where not exists (";

    public override async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        if (broken == Broken.Dedup)
            await TakeDedupOutAsync();
        if (broken == Broken.Moderation)
            await RunAsync("""
                create function unheard() returns trigger language plpgsql as $$
                begin
                    if new.kind = 'access' then
                        new.kind := 'unheard';
                    end if;
                    return new;
                end $$;
                create trigger unheard before insert on outbox for each row execute function unheard();
                """);
        // And a lease that was given stays: the keeper's comparison, every few seconds, would mend the row and hide what the fence is for.
        if (broken == Broken.Fence)
            await RunAsync("""
                create function unfenced() returns trigger language plpgsql as $$
                begin
                    new.generation := old.generation;
                    new.lease_ends := coalesce(old.lease_ends, new.lease_ends);
                    return new;
                end $$;
                create trigger unfenced before update on sessions for each row execute function unfenced();
                """);
    }

    public async Task<T?> AskAsync<T>(string sql)
    {
        await using var connection = new NpgsqlConnection(Database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync() is T answer ? answer : default;
    }

    protected override void Configure(WebApplicationBuilder builder)
    {
        if (broken == Broken.Tail)
            builder.Host.UseServiceProviderFactory(new WithoutTail());
    }

    async Task TakeDedupOutAsync()
    {
        var function = await AskAsync<string>("select pg_get_functiondef('append_messages'::regproc)") ?? "";
        var start = function.IndexOf(Dedup, StringComparison.Ordinal);
        var end = start < 0 ? -1 : function.IndexOf(')', start);
        if (end < 0)
            throw new InvalidOperationException("append_messages no longer asks for what is stored in the words this test takes out.");
        await RunAsync("alter table messages drop constraint messages_channel_author_client_message_id_key");
        await RunAsync(function.Remove(start, end + 1 - start));
    }

    async Task RunAsync(string sql) => await AskAsync<object>(sql);

    /// <summary>Everything as the product registers it, but what would run the tail.</summary>
    sealed class WithoutTail : IServiceProviderFactory<IServiceCollection>
    {
        public IServiceCollection CreateBuilder(IServiceCollection services) => services;

        public IServiceProvider CreateServiceProvider(IServiceCollection services)
        {
            // Registered as itself, and then as what runs.
            var tail = services.SkipWhile(static service => service.ServiceType != typeof(OutboxTail)).ElementAt(1);
            if (tail.ServiceType != typeof(IHostedService))
                throw new InvalidOperationException("The tail is registered in another way than this test takes out.");
            services.Remove(tail);
            return services.BuildServiceProvider();
        }
    }
}
