using Realtime.Tests.Chaos;
using Realtime.Tests.Documentation;
using Realtime.Tests.Soak;

// The tests' own runner, and beside it what uses their harness without being a test.
return args switch
{
    ["chaos", .. var options] => await ChaosCommand.RunAsync(options),
    ["docs"] => await DocsCommand.RunAsync(),
    ["soak", .. var options] => await SoakCommand.RunAsync(options),
    _ => await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args),
};
