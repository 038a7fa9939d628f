using Realtime.Signaling.Hosting;

await SignalingHost.Build(WebApplication.CreateBuilder(args)).RunAsync();
