using System.Diagnostics.CodeAnalysis;

namespace Pipeline.Standalone.Sqlite;

/// <summary>One write of a group that is committed as one transaction. Its methods run on the writer's thread.</summary>
internal abstract class SqliteWrite
{
    /// <summary>True where it fails as a whole by itself, being one statement; others are put between savepoints.</summary>
    public virtual bool IsOneStatement => false;

    public abstract void Run(SqliteStatements statements);

    /// <summary>What it wrote is on disk. Called in the order of the commits.</summary>
    public abstract void Committed();

    /// <summary>What it wrote is rolled back.</summary>
    public abstract void Failed(Exception exception);
}

/// <param name="committed">Told before the caller is; null where nobody wants to know.</param>
internal sealed class SqliteWrite<T>(Func<SqliteStatements, T> write, Action<T>? committed) : SqliteWrite
{
    private readonly TaskCompletionSource<T> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [AllowNull]
    private T result = default;

    public Task<T> Task => completion.Task;

    public override void Run(SqliteStatements statements) => result = write(statements);

    public override void Committed()
    {
        try
        {
            committed?.Invoke(result);
            completion.SetResult(result);
        }
        catch (Exception exception)
        {
            completion.SetException(exception);
        }
    }

    public override void Failed(Exception exception) => completion.SetException(exception);
}
