using Realtime.ServiceDefaults;
using Realtime.Web;

// The content root is where the program is, so that `dotnet Realtime.Web.dll` serves its pages from any directory.
var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
builder.WebHost.UseStaticWebAssets();
builder.AddServiceDefaults();
builder.AddWeb();

var app = builder.Build();
app.UseWeb();
app.MapDefaultEndpoints();
app.MapWeb();
app.Run();
