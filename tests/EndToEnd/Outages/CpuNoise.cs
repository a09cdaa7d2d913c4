namespace Pipeline.EndToEnd.Outages;

/// <summary>Keeps every processor busy, so that timers run late as on a loaded machine.</summary>
internal sealed class CpuNoise : IDisposable
{
    private readonly List<Thread> threads;
    private volatile bool isOver;

    public CpuNoise()
    {
        threads = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(MakeNoise) { IsBackground = true })];
        threads.ForEach(thread => thread.Start());
    }

    public void Dispose()
    {
        isOver = true;
        threads.ForEach(thread => thread.Join());
    }

    private void MakeNoise()
    {
        while (!isOver)
        {
            Thread.SpinWait(10_000);
        }
    }
}
