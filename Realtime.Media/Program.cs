using Realtime.Media.Control;
using Realtime.Media.Hosting;
using Realtime.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddMedia();

var app = builder.Build();
app.Services.GetRequiredService<MediaMetrics>();
app.MapDefaultEndpoints();
app.MapControl();
app.Run();
