using System.Globalization;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables.Models;

namespace Azure.Data.Tables;

/// <summary>
/// One table. Entities are read as <see cref="TableEntity"/> only; the official client reads any <see cref="ITableEntity"/>.
/// https://learn.microsoft.com/dotnet/api/azure.data.tables.tableclient
/// </summary>
public class TableClient
{
    private const string Scope = "https://storage.azure.com/.default";

    private readonly HttpPipeline pipeline;
    private readonly TableRequests requests;

    /// <exception cref="FormatException">The connection string lacks something or can't be read.</exception>
    public TableClient(string connectionString, string tableName, TableClientOptions? options = null)
        : this(ConnectionString.Parse(connectionString), tableName, options)
    {
    }

    /// <exception cref="ArgumentException">The endpoint isn't https, over which alone a token may go.</exception>
    public TableClient(Uri endpoint, string tableName, TokenCredential tokenCredential, TableClientOptions? options = null)
        : this(OnlyHttps(endpoint), tableName, new BearerTokenAuthenticationPolicy(tokenCredential, Scope), options)
    {
    }

    private TableClient(ConnectionString connection, string tableName, TableClientOptions? options)
        : this(connection.Endpoint, tableName, new SharedKeyLitePolicy(connection.AccountName, connection.AccountKey), options)
    {
    }

    private TableClient(Uri endpoint, string tableName, HttpPipelinePolicy authorization, TableClientOptions? options)
    {
        ArgumentException.ThrowIfNullOrEmpty(tableName);
        options ??= new TableClientOptions();
        Name = tableName;
        pipeline = HttpPipelineBuilder.Build(options, authorization);
        requests = new TableRequests(pipeline, endpoint, tableName, options.Version);
        Uri = requests.Table;
    }

    public virtual string Name { get; }

    public virtual Uri Uri { get; }

    /// <summary>A filter whose values are quoted; here only text can be a value.</summary>
    public static string CreateQueryFilter(FormattableString filter) =>
        string.Format(CultureInfo.InvariantCulture, filter.Format, [.. filter.GetArguments().Select(value => $"'{((string)value!).Replace("'", "''", StringComparison.Ordinal)}'")]);

    public virtual async Task<Response<TableItem>> CreateIfNotExistsAsync(CancellationToken cancellationToken = default)
    {
        using var message = requests.CreateTable();
        await pipeline.SendAsync(message, cancellationToken).ConfigureAwait(false);
        if (message.Response.IsError)
        {
            var failure = ErrorParser.Failure(message.Response);
            if (failure.ErrorCode != "TableAlreadyExists")
            {
                throw failure;
            }
        }

        return Response.FromValue(new TableItem(Name), message.Response);
    }

    public virtual async Task<NullableResponse<T>> GetEntityIfExistsAsync<T>(
        string partitionKey, string rowKey, IEnumerable<string>? select = null, CancellationToken cancellationToken = default)
        where T : class, ITableEntity
    {
        using var message = requests.GetEntity(partitionKey, rowKey, select);
        await pipeline.SendAsync(message, cancellationToken).ConfigureAwait(false);
        var response = message.Response;
        return response.Status switch
        {
            404 => new MaybeEntity<T>(null, response),
            200 => new MaybeEntity<T>(Cast<T>(EntityJson.ReadOne(response.Content)), response),
            _ => throw ErrorParser.Failure(response),
        };
    }

    public virtual AsyncPageable<T> QueryAsync<T>(
        string? filter = null, int? maxPerPage = null, IEnumerable<string>? select = null, CancellationToken cancellationToken = default)
        where T : class, ITableEntity
    {
        return new QueryPages<T>(ReadPageAsync, maxPerPage);

        async Task<Page<T>> ReadPageAsync(string? continuation, int? top)
        {
            using var message = requests.Query(filter, top, select, Continuation.Parse(continuation));
            await pipeline.SendAsync(message, cancellationToken).ConfigureAwait(false);
            var response = message.Response;
            return response.IsError
                ? throw ErrorParser.Failure(response)
                : Page<T>.FromValues([.. EntityJson.ReadMany(response.Content).Select(Cast<T>)], Continuation.Of(response)?.ToString(), response);
        }
    }

    public virtual async Task<Response<IReadOnlyList<Response>>> SubmitTransactionAsync(
        IEnumerable<TableTransactionAction> transactionActions, CancellationToken cancellationToken = default)
    {
        using var message = requests.Batch([.. transactionActions]);
        await pipeline.SendAsync(message, cancellationToken).ConfigureAwait(false);
        if (message.Response.Status != 202)
        {
            throw ErrorParser.Failure(message.Response);
        }

        var answers = MultipartAnswer.Parse(message.Response.Content);
        return answers.FirstOrDefault(answer => answer.IsError) is { } failed
            ? throw new TableTransactionFailedException(ErrorParser.Failure(failed))
            : Response.FromValue(answers, message.Response);
    }

    private static T Cast<T>(TableEntity entity) =>
        entity is T asked ? asked : throw new NotSupportedException($"This stand-in reads {nameof(TableEntity)} only.");

    private static Uri OnlyHttps(Uri endpoint) =>
        endpoint.Scheme == Uri.UriSchemeHttps ? endpoint : throw new ArgumentException("A token goes over https only.", nameof(endpoint));
}
