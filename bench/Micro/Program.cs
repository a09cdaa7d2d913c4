using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Running;

// dotnet run -c Release --project bench/Micro -- --filter '*'
// The build is given longer than the default two minutes: it runs the analyzers too, and the machine may be busy.
BenchmarkSwitcher
    .FromAssembly(typeof(Program).Assembly)
    .Run(args, ManualConfig.Create(DefaultConfig.Instance).WithBuildTimeout(TimeSpan.FromMinutes(10)));
