namespace Realtime.Web.Joining;

static class JoinSetup
{
    public static void AddJoining(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<SignalingAddress>();
        builder.Services.AddJoinLimit(builder.Configuration);
        if (DevKey.From(builder.Configuration, builder.Environment) is not { } key)
            return;
        builder.Services.AddSingleton(key);
        builder.Services.AddHttpClient<TokenMinter>(static http => http.BaseAddress = new Uri("https+http://signaling"));
    }
}
