// A bot that answers: dotnet run --project clients/dotnet/samples/EchoBot -- http://127.0.0.1:5180 lobby
using Realtime.Client;
using Realtime.Contracts;

var server = new Uri(args.ElementAtOrDefault(0) ?? "http://127.0.0.1:5180");
var channel = args.ElementAtOrDefault(1) ?? "lobby";
using var stopping = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stopping.Cancel();
};

// Development's key. In production the bot gets its token from your backend: RealtimeToken.From(async cancellation => …).
var token = RealtimeToken.FromKey("dev", "dev-secret-change-me-32-bytes-long!", user: "echo", new Grants(Channels: ["*"]), name: "Echo");
await using var client = await RealtimeClient.ConnectAsync(new(server) { Token = token, ClientInfo = "echo-bot" }, stopping.Token);
var room = client.Channel(channel);
Console.WriteLine($"{client.User} listens in {channel}.");

try
{
    await foreach (var message in room.Messages.WithCancellation(stopping.Token))
    {
        if (message.Author != client.User)
            await room.SendAsync(new($"{message.AuthorName} said: {message.Text}") { ReplyTo = message.Id }, stopping.Token);
    }
}
catch (OperationCanceledException) when (stopping.IsCancellationRequested)
{
    Console.WriteLine("Goodbye.");
}
