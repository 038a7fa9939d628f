using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Realtime.Bench.Micro;

// In this process: no second build, which would not find this repository's settings. Options are BenchmarkDotNet's own, --filter for one.
var config = new ManualConfig()
    .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
    .AddDiagnoser(MemoryDiagnoser.Default)
    .AddColumnProvider(DefaultColumnProviders.Instance)
    .AddLogger(ConsoleLogger.Default)
    .AddExporter(MarkdownExporter.GitHub)
    .WithArtifactsPath(Path.Combine(Path.GetTempPath(), "realtime-bench-micro"));
BenchmarkSwitcher.FromAssembly(typeof(ParseBenchmarks).Assembly).Run(args.Length == 0 ? ["--filter", "*"] : args, config);
