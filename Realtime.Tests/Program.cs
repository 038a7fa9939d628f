using Realtime.Tests.Chaos;

// The tests' own runner, and beside it what uses their harness without being a test.
return args is ["chaos", .. var options] ? await ChaosCommand.RunAsync(options) : await Xunit.Runner.InProc.SystemConsole.ConsoleRunner.Run(args);
