using Microsoft.Extensions.Logging;
using Pipeline.Runtime;
using Pipeline.Runtime.Orchestrations;
using Pipeline.Standalone.Sqlite;

namespace Pipeline.Standalone.Orchestration;

/// <summary>
/// Durable orchestrations on SQLite, by replay: an instance is its history, and its code is run again from it whenever it isn't alive in memory.
/// One engine a file. A turn takes the events of an instance's inbox, runs its code until it waits, and commits everything that came of it at once;
/// so after a crash each turn has happened or not. Activities start after that commit and may run again; their outcome is taken once.
/// </summary>
internal sealed class OrchestrationEngine : IOrchestrationClient
{
    private readonly OrchestrationInstances instances;
    private readonly OrchestrationWork work;
    private readonly OrchestrationWorker worker;
    private readonly ReadyInstances ready = new();
    private readonly LiveInstances live;
    private readonly TimeProvider clock;

    public OrchestrationEngine(
        SqliteDatabase database,
        OrchestrationCatalog catalog,
        TimeProvider clock,
        ILogger<OrchestrationEngine> logger,
        OrchestrationEngineOptions? options = null)
    {
        options ??= new OrchestrationEngineOptions();
        this.clock = clock;
        instances = new OrchestrationInstances(database);
        work = new OrchestrationWork(database);
        live = new LiveInstances(options.CachedInstances);
        var forward = new ForwardTimeProvider(clock);
        worker = new OrchestrationWorker(
            work,
            new TurnRunner(new OrchestrationTurns(database), catalog, live, ready, forward, logger),
            new ActivityRunner(work, catalog, ready, forward, options, logger),
            ready,
            forward,
            options,
            logger);
    }

    /// <summary>When the next timer or attempt of an activity is due, read from the store; null where none is.</summary>
    public DateTimeOffset? NextDue => (work.NextTimer(), work.NextActivity()) switch
    {
        ({ } timer, { } activity) => timer < activity ? timer : activity,
        var (timer, activity) => timer ?? activity,
    };

    public async Task<bool> StartAsync(string name, string instanceId, object? input, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        OrchestrationValues.CheckInstanceId(instanceId, nameof(instanceId));
        cancellationToken.ThrowIfCancellationRequested();
        var isNew = await instances.StartAsync(name, instanceId, OrchestrationValues.ToElement(input), clock.GetUtcNow()).ConfigureAwait(false);
        if (isNew)
        {
            ready.Add(instanceId);
        }

        return isNew;
    }

    public async Task RaiseEventAsync(string instanceId, string eventName, object? payload, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(eventName);
        cancellationToken.ThrowIfCancellationRequested();
        if (await instances.RaiseEventAsync(instanceId, eventName, OrchestrationValues.ToElement(payload)).ConfigureAwait(false))
        {
            ready.Add(instanceId);
        }
    }

    public Task<OrchestrationInstance?> GetAsync(string instanceId, CancellationToken cancellationToken = default) =>
        Task.FromResult(instances.Get(instanceId));

    public Task<OrchestrationPage> ListAsync(OrchestrationQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        OrchestrationValues.CheckTake(query.Take);
        return Task.FromResult(instances.List(query));
    }

    public async Task TerminateAsync(string instanceId, string reason, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (await instances.TerminateAsync(instanceId, OrchestrationValues.ToElement(reason), clock.GetUtcNow()).ConfigureAwait(false))
        {
            live.Drop(instanceId);
        }
    }

    public Task<bool> PurgeAsync(string instanceId, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return instances.PurgeAsync(instanceId);
    }

    /// <summary>
    /// Runs all that can run now, on the caller, and what it leads to. Gives how many pieces of work that was.
    /// For callers that hold the clock; not beside <see cref="RunAsync"/>.
    /// </summary>
    /// <exception cref="StoreUnavailableException">What was not committed is done by the next call.</exception>
    public async Task<int> DrainAsync(CancellationToken cancellationToken)
    {
        var done = 0;
        while (await StepAsync(cancellationToken).ConfigureAwait(false))
        {
            done++;
        }

        return done;
    }

    /// <summary>One piece of the work of <see cref="DrainAsync"/>. False where there is none.</summary>
    public Task<bool> StepAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return worker.StepAsync(cancellationToken);
    }

    /// <summary>
    /// The background service: works until stopped, goes on where the last run of the program ended, and survives an unavailable store.
    /// Ends when the turns and activities in hand are finished.
    /// </summary>
    public Task RunAsync(CancellationToken stopping) => worker.RunAsync(stopping);

    /// <summary>Drops the runs alive in memory. Changes nothing but the time the next turns take.</summary>
    public void DropCache() => live.Clear();
}
