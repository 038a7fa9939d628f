namespace Realtime.Web.Live;

partial class AdminFeedReader
{
    [LoggerMessage(Level = LogLevel.Information, Message = "The console's feed broke: {Problem}")]
    partial void LogBroken(string problem);
}
