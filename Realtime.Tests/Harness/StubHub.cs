using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Realtime.Contracts;

namespace Realtime.Tests.Harness;

/// <summary>
/// The chat part of the contract in memory, in any number of replicas that share it: what the clients of the harness are
/// tested against. Its faults are switched on to see whether they are noticed.
/// </summary>
public sealed class StubHub : IAsyncDisposable
{
    readonly StubState _state = new();
    readonly List<WebApplication> _replicas = [];

    public IReadOnlyList<Uri> Servers => [.. _replicas.Select(replica => new Uri(replica.Urls.First()))];

    public StubState State => _state;

    public static async Task<StubHub> StartAsync(int replicas = 2)
    {
        var stub = new StubHub();
        for (var i = 0; i < replicas; i++)
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            builder.Logging.ClearProviders();
            builder.Services.AddSingleton(stub._state);
            builder.Services.AddSignalR().AddJsonProtocol(options => ContractsJson.Apply(options.PayloadSerializerOptions));
            var replica = builder.Build();
            replica.MapHub<Hub>("/hub");
            await replica.StartAsync();
            stub._replicas.Add(replica);
        }
        return stub;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var replica in _replicas)
        {
            await replica.StopAsync(new CancellationToken(canceled: true));
            await replica.DisposeAsync();
        }
    }

    sealed class Hub(StubState state) : Microsoft.AspNetCore.SignalR.Hub
    {
        public override Task OnDisconnectedAsync(Exception? exception)
        {
            state.Disconnect(Context.ConnectionId);
            return Task.CompletedTask;
        }

        public async Task<HelloResult> Hello(HelloRequest request)
        {
            var http = Context.GetHttpContext()!.Request;
            var user = http.Query["access_token"] is [{ Length: > 0 } token] ? token : http.Headers.Authorization.ToString()["Bearer ".Length..];
            Context.Items["user"] = user;
            var resumed = new List<ResumedChannel>();
            if (request.Resume == user && !state.ForgetSessions)
            {
                foreach (var position in request.Positions ?? [])
                {
                    var last = await state.ResumeAsync(Context.ConnectionId, Clients.Caller, position.Channel, position.Seq);
                    resumed.Add(new ResumedChannel(position.Channel, position.Seq + 1, last));
                }
            }
            return new HelloResult(user, user, DateTimeOffset.UtcNow, "normal", new Dictionary<string, LimitInfo>(), resumed);
        }

        public JoinChannelResult JoinChannel(JoinChannelRequest request)
        {
            var last = state.Join(Context.ConnectionId, Clients.Caller, request.Channel!);
            var missed = request.Since is { } since ? state.Read(request.Channel!, since, int.MaxValue).Where(message => message.Seq <= last).TakeLast(50) : [];
            return new JoinChannelResult(request.Channel!, last, [], [.. missed]);
        }

        public List<Message> History(HistoryRequest request) => state.Read(request.Channel!, request.After ?? 0, request.Limit ?? 50);

        public async Task<SendMessageResult> SendMessage(SendMessageRequest request)
        {
            if (request.Text == "refuse")
                throw new HubException("""{"code":"invalid","message":"Refused on purpose.","field":"text"}""");
            if (state.TakeBusy())
                throw new HubException("""{"code":"unavailable","message":"Busy on purpose.","retryAfterMs":10}""");
            var (message, duplicate) = await state.AppendAsync((string)Context.Items["user"]!, request);
            if (state.TakeLoss())
                Context.Abort();
            return new SendMessageResult(message.Id, message.Seq, message.CreatedAt, duplicate);
        }
    }
}
