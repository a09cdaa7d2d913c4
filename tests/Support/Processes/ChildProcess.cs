using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Pipeline.Tests.Support.Processes;

/// <summary>A program started by a test: its output is kept, it can be told to end or killed, and it never outlives its owner.</summary>
public sealed class ChildProcess : IAsyncDisposable
{
    private const int SigTerm = 15;

    private static readonly ConcurrentDictionary<ChildProcess, bool> Running = new();

    private readonly Lock gate = new();
    private readonly List<string> lines = [];
    private readonly Process process;
    private readonly string name;
    private TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    static ChildProcess() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        foreach (var child in Running.Keys)
        {
            child.Kill();
        }
    };

    private ChildProcess(ProcessStartInfo start, string name)
    {
        this.name = name;
        process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
    }

    public int Id { get; private set; }

    public bool HasExited => process.HasExited;

    /// <summary>Standard output and standard error, in the order they came.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (gate)
            {
                return [.. lines];
            }
        }
    }

    public static ChildProcess Start(string file, IEnumerable<string> arguments, string? workingFolder = null)
    {
        var start = new ProcessStartInfo(file, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
            WorkingDirectory = workingFolder ?? "",
        };
        var child = new ChildProcess(start, Path.GetFileName(file));
        child.process.Start();
        child.Id = child.process.Id;
        Running.TryAdd(child, true);
        child.process.StandardInput.Close();
        child.process.BeginOutputReadLine();
        child.process.BeginErrorReadLine();
        return child;
    }

    /// <summary>Runs a short-lived program to its end.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(
        string file, IEnumerable<string> arguments, TimeSpan within, CancellationToken cancellationToken)
    {
        await using var child = Start(file, arguments);
        var exitCode = await child.WaitForExitAsync(within, cancellationToken);
        return (exitCode, string.Join('\n', child.Lines));
    }

    /// <summary>The first line, past or future, that <paramref name="match"/> takes.</summary>
    /// <exception cref="ChildProcessException">It ended, or the time is over; the message carries its last output.</exception>
    public async Task<string> WaitForLineAsync(Func<string, bool> match, TimeSpan within, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(within);
        for (var next = 0; ;)
        {
            Task more;
            lock (gate)
            {
                for (; next < lines.Count; next++)
                {
                    if (match(lines[next]))
                    {
                        return lines[next];
                    }
                }

                more = changed.Task;
            }

            var ended = process.WaitForExitAsync(deadline.Token);
            var first = await Task.WhenAny(more, ended);
            cancellationToken.ThrowIfCancellationRequested();
            if (first == ended && !more.IsCompleted)
            {
                throw Fault(ended.IsCompletedSuccessfully ? "ended before it wrote the expected line" : $"did not write the expected line within {within}");
            }
        }
    }

    /// <summary>Asks it to end (SIGTERM); where there are no signals, ends it.</summary>
    public void Terminate()
    {
        if (OperatingSystem.IsWindows())
        {
            Kill();
        }
        else if (!process.HasExited)
        {
            _ = SendSignal(Id, SigTerm);
        }
    }

    /// <summary>Ends it without a chance to tidy up (SIGKILL).</summary>
    public void Kill()
    {
        try
        {
            process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It ended by itself.
        }
    }

    /// <summary>Kills it and returns when the system has taken back what it held.</summary>
    public async Task KillAsync()
    {
        Kill();
        await process.WaitForExitAsync();
    }

    /// <exception cref="ChildProcessException">It still runs when the time is over.</exception>
    public async Task<int> WaitForExitAsync(TimeSpan within, CancellationToken cancellationToken)
    {
        try
        {
            await process.WaitForExitAsync(cancellationToken).WaitAsync(within, TimeProvider.System, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw Fault($"still runs after {within}");
        }

        return process.ExitCode;
    }

    /// <summary>The last lines of its output, for a failure message.</summary>
    public string Tail(int count = 40)
    {
        var all = Lines;
        return $"--- {name} (pid {Id}), last {Math.Min(count, all.Count)} of {all.Count} lines ---\n{string.Join('\n', all.TakeLast(count))}";
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        Running.TryRemove(this, out _);
        process.Dispose();
    }

    private ChildProcessException Fault(string what) => new($"{name} {what}.\n{Tail()}");

    private void Keep(string? line)
    {
        if (line is null)
        {
            return;
        }

        TaskCompletionSource signal;
        lock (gate)
        {
            lines.Add(line);
            signal = changed;
            changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        signal.SetResult();
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SendSignal(int processId, int signal);
}

/// <summary>A started program did not do what the test needs of it. The message carries its last output.</summary>
public sealed class ChildProcessException(string message) : Exception(message);
