using Microsoft.AspNetCore.SignalR;

// Stock SignalR groups, to compare with: one hub as its documentation shows it, no backplane, nothing stored.
var builder = WebApplication.CreateBuilder(args);
builder.Services.AddSignalR(options =>
{
    options.KeepAliveInterval = TimeSpan.FromSeconds(5);
    options.ClientTimeoutInterval = TimeSpan.FromSeconds(60);
});
var app = builder.Build();
app.MapGet("/", () => "ready");
app.MapHub<RoomsHub>("/hub");
app.Run();

sealed class RoomsHub : Hub
{
    public Task Join(string room) => Groups.AddToGroupAsync(Context.ConnectionId, room);

    /// <summary>The same members as the messages it is compared with.</summary>
    public Task Send(string room, string text) => Clients.Group(room).SendAsync("messageCreated", new
    {
        channel = room,
        epoch = 1,
        seq = 1,
        id = Guid.CreateVersion7(),
        author = Context.ConnectionId,
        authorName = "somebody",
        text,
        createdAt = DateTimeOffset.UtcNow,
        clientMessageId = Guid.NewGuid(),
    });
}
