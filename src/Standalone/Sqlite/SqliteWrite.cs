using System.Diagnostics.CodeAnalysis;

namespace Pipeline.Standalone.Sqlite;

/// <summary>One write of a group that is committed as one transaction. Its methods run on the writer's thread.</summary>
internal abstract class SqliteWrite
{
    /// <summary>True where it fails as a whole by itself, being one statement; others are put between savepoints.</summary>
    public virtual bool IsOneStatement => false;

    public abstract void Run(SqliteStatements statements);

    /// <summary>
    /// Tells those whose memory follows the file that what it wrote is on disk. Called in the order of the commits, before
    /// <see cref="Succeed"/>. A fault of theirs is no fault of the write: who takes it for one writes again what is written.
    /// </summary>
    public abstract void Committed();

    /// <summary>Lets the caller go on: what it wrote is on disk.</summary>
    public abstract void Succeed();

    /// <summary>Lets the caller go on: what it wrote is rolled back.</summary>
    public abstract void Fail(Exception exception);
}

/// <param name="committed">Told before the caller is; null where nobody wants to know.</param>
internal sealed class SqliteWrite<T>(Func<SqliteStatements, T> write, Action<T>? committed) : SqliteWrite
{
    private readonly TaskCompletionSource<T> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [AllowNull]
    private T result = default;

    public Task<T> Task => completion.Task;

    public override void Run(SqliteStatements statements) => result = write(statements);

    public override void Committed() => committed?.Invoke(result);

    public override void Succeed() => completion.SetResult(result);

    public override void Fail(Exception exception) => completion.SetException(exception);
}
