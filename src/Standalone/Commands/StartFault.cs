using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Pipeline.Runtime;
using Pipeline.Standalone.Sqlite;

namespace Pipeline.Standalone.Commands;

/// <summary>Says in one line why the program can't start, and what its user can do about it.</summary>
internal static class StartFault
{
    /// <returns>Null for a fault that is the program's own: its stack trace is wanted.</returns>
    public static string? Explain(Exception exception, ServeOptions options) => SocketErrorOf(exception) switch
    {
        SocketError.AddressAlreadyInUse =>
            $"{options.Urls} is taken by another program. Stop that one, or listen elsewhere, for example --urls http://localhost:8080.",
        SocketError.AccessDenied =>
            $"this user has no right to listen on {options.Urls}; ports below 1024 often need one. Use a higher port, for example --urls http://localhost:7071.",
        SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported =>
            $"this machine has no address {options.Urls}. Listen on one it has, or on all of them with --urls http://0.0.0.0:7071.",
        { } other => $"{options.Urls} can't be listened on ({other}). Choose another address with --urls.",
        null => ExplainOther(exception, options),
    };

    private static string? ExplainOther(Exception exception, ServeOptions options) => exception switch
    {
        // These say already what to do.
        StoreUnavailableException or DatabaseInUseException or SchemaTooNewException or InvalidOperationException => exception.Message,
        UnauthorizedAccessException or IOException =>
            $"the data folder {options.Data} can't be used: {exception.Message} Let this user write there, or name another folder with --data.",
        Microsoft.Data.Sqlite.SqliteException => exception.Message,
        _ => null,
    };

    /// <summary>Kestrel wraps what the system said, for localhost once for each of its two addresses.</summary>
    private static SocketError? SocketErrorOf(Exception? exception) => exception switch
    {
        null => null,
        AddressInUseException => SocketError.AddressAlreadyInUse,
        SocketException socket => socket.SocketErrorCode,
        AggregateException several => several.InnerExceptions.Select(SocketErrorOf).FirstOrDefault(error => error is not null),
        _ => SocketErrorOf(exception.InnerException),
    };
}
