using Realtime.Web;

// The content root is where the program is, so that `dotnet Realtime.Web.dll` serves its pages from any directory.
WebApp.Build(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory }).Run();
