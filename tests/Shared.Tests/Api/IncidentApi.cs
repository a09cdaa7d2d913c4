using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Pipeline.Api;
using Pipeline.Hosting;
using Pipeline.Incidents;
using Pipeline.Shared.Tests.Notifications;
using Pipeline.Tests.Support;
using Xunit;

namespace Pipeline.Shared.Tests.Api;

/// <summary>The routes of incidents and orchestrations behind a real Kestrel on loopback.</summary>
internal sealed class IncidentApi : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly LogRecorder log;

    private IncidentApi(IncidentDesk desk, FailingTable table, WebApplication app, LogRecorder log)
    {
        Desk = desk;
        Table = table;
        this.app = app;
        this.log = log;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    }

    public IncidentDesk Desk { get; }

    /// <summary>What the commands write to.</summary>
    public FailingTable Table { get; }

    public HttpClient Client { get; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<IncidentApi> StartAsync(AccessConfiguration? access = null, PipelineConfiguration? configuration = null)
    {
        var desk = new IncidentDesk(configuration, escalates: true);
        var table = new FailingTable(desk.Table);
        var store = new IncidentStore(table, desk.Clock, desk.Store.Names);
        var log = new LogRecorder();
        var app = await LoopbackKestrel.StartAsync(
            access ?? new AccessConfiguration(),
            [
                .. new IncidentEndpoints(store, new IncidentCommands(store, desk.Signals), new Access(access ?? new AccessConfiguration()), desk.Configuration).All,
                .. new OrchestrationEndpoints(desk.Orchestrations).All,
            ],
            log);
        return new IncidentApi(desk, table, app, log);
    }

    public async Task<(HttpStatusCode Status, JsonElement Body)> GetAsync(string path)
    {
        using var answer = await Client.GetAsync(new Uri(path, UriKind.Relative), Token);
        return await ReadAsync(answer);
    }

    /// <param name="body">Sent as JSON; a string is sent as it is.</param>
    public async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(string path, object body, string? idempotencyKey = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative));
        request.Content = body is string text ? new StringContent(text, mediaType: new("application/json")) : JsonContent.Create(body);
        if (idempotencyKey is not null)
        {
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        }

        using var answer = await Client.SendAsync(request, Token);
        return await ReadAsync(answer);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await app.DisposeAsync();
        log.Dispose();
        Desk.Dispose();
    }

    private static async Task<(HttpStatusCode Status, JsonElement Body)> ReadAsync(HttpResponseMessage answer)
    {
        var expected = answer.IsSuccessStatusCode ? "application/json" : "application/problem+json";
        Assert.Equal(expected, answer.Content.Headers.ContentType?.MediaType);
        return (answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>(Token));
    }
}
