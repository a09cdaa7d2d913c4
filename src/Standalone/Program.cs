using System.CommandLine;
using Pipeline.Standalone.Commands;

// The host ends itself and finishes what is in hand; the parser's own two seconds would cut that off.
var invocation = new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) };
return await RootCommandFactory.Create().Parse(args).InvokeAsync(invocation).ConfigureAwait(false);
