using Pipeline.Runtime;
using Pipeline.Tests.Contracts.Runtime;

namespace Pipeline.Shared.Tests.Runtime;

public sealed class InMemoryEntityTableTests : EntityTableContract
{
    protected override IEntityTable Table { get; } = new InMemoryEntityTable();
}

public sealed class InMemoryMessageQueueTests : MessageQueueContract, IDisposable
{
    private readonly InMemoryMessageQueue queue;
    private readonly InMemoryMessageQueue realClock = new("real", TimeProvider.System);

    public InMemoryMessageQueueTests() => queue = new InMemoryMessageQueue("alerts", Clock);

    protected override IPulledMessageQueue Queue => queue;

    public void Dispose()
    {
        queue.Dispose();
        realClock.Dispose();
    }

    protected override IPulledMessageQueue OpenOnRealClock() => realClock;
}

public sealed class InMemoryPostLogTests : PostLogContract, IDisposable
{
    private readonly InMemoryMessageQueue alerts;
    private readonly InMemoryPostLog log;

    public InMemoryPostLogTests()
    {
        alerts = new InMemoryMessageQueue("alerts", Clock);
        log = new InMemoryPostLog(alerts);
    }

    protected override IPulledPostLog Log => log;

    protected override IPulledMessageQueue Alerts => alerts;

    public void Dispose()
    {
        log.Dispose();
        alerts.Dispose();
    }
}
