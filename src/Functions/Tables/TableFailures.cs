using Azure;
using Azure.Data.Tables;
using Azure.Identity;
using Pipeline.Runtime;

namespace Pipeline.Functions.Tables;

/// <summary>
/// What a failure of the service is to the program: an outcome, a store that can't be reached now, or a fault of ours.
/// https://learn.microsoft.com/rest/api/storageservices/table-service-error-codes
/// </summary>
internal static class TableFailures
{
    /// <summary>Null where the failure is no outcome of a write.</summary>
    public static CommitOutcome? OutcomeOf(TableTransactionFailedException failure, int writes)
    {
        CommitStatus? status = (failure.Status, failure.ErrorCode) switch
        {
            (409, "EntityAlreadyExists") => CommitStatus.Conflict,
            (412, _) => CommitStatus.PreconditionFailed,
            (404, "ResourceNotFound" or "EntityNotFound") => CommitStatus.NotFound,
            _ => null,
        };
        var index = failure.FailedTransactionActionIndex ?? (writes == 1 ? 0 : null);
        return status is { } known && index is { } failed ? CommitOutcome.Failed(known, failed) : null;
    }

    public static bool IsTableMissing(RequestFailedException failure) => failure is { Status: 404, ErrorCode: "TableNotFound" };

    /// <param name="what">What is done, for the message: "read 'a' of 'b'".</param>
    /// <exception cref="StoreUnavailableException">The service wasn't reached, was busy, refused the credential or failed.</exception>
    public static async Task<T> RunAsync<T>(string what, Func<Task<T>> action, CancellationToken cancellationToken)
    {
        try
        {
            return await action().ConfigureAwait(false);
        }
        catch (Exception failure) when (IsUnavailable(failure, cancellationToken))
        {
            throw new StoreUnavailableException($"Table storage did not {what}: {Reason(failure)}", failure);
        }
    }

    /// <summary>400 and 413 say that the request is wrong, which trying again won't mend.</summary>
    private static bool IsUnavailable(Exception failure, CancellationToken cancellationToken) => failure switch
    {
        RequestFailedException { Status: 400 or 413 } => false,
        RequestFailedException => true,
        AuthenticationFailedException => true,
        // All tries failed; each is in it.
        AggregateException => true,
        // The network timeout of the client; a cancellation that was asked for stays one.
        OperationCanceledException => !cancellationToken.IsCancellationRequested,
        _ => false,
    };

    private static string Reason(Exception failure) => failure switch
    {
        AggregateException { InnerExceptions: [.., var last] } => Reason(last),
        RequestFailedException { Status: > 0 } answered => $"it answered {answered.Status} {answered.ErrorCode}".TrimEnd(),
        OperationCanceledException => "no answer within the time allowed",
        _ => failure.Message,
    };
}
