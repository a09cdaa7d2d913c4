using System.Globalization;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Data.Tables;
using Pipeline.Functions.Tables;
using Pipeline.Functions.Tests;
using Pipeline.Tests.Support.Processes;
using Xunit;

[assembly: AssemblyFixture(typeof(AzuriteFixture))]

namespace Pipeline.Functions.Tests;

/// <summary>One Azurite for all tests of a run; each takes a table of its own.</summary>
public sealed class AzuriteFixture : IAsyncLifetime
{
    private AzuriteProcess? azurite;
    private int tables;

    /// <summary>The settings an app would have. Skips the test where Azurite isn't installed, and fails it where CI promised to install it.</summary>
    public string ConnectionString
    {
        get
        {
            if (azurite is null)
            {
                const string Reason = "Needs Azurite: npm install --global azurite@3.35.0";
                if (string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase))
                {
                    Assert.Fail(Reason);
                }

                Assert.Skip(Reason);
            }

            return azurite.ConnectionString;
        }
    }

    public async ValueTask InitializeAsync()
    {
        if (InstalledProgram.AzuriteTable is { } program)
        {
            azurite = await AzuriteProcess.StartAsync(program, TestContext.Current.CancellationToken);
        }
    }

    public ValueTask DisposeAsync() => azurite?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>A client as the app makes it, of a table that doesn't exist yet.</summary>
    internal TableClient NewTable() => TableConnection.Create(Settings.Of((TableConnection.Setting, ConnectionString)), NextName());

    /// <summary>A client of a table that doesn't exist yet, with a look at or a change to each request.</summary>
    internal TableClient NewTable(HttpPipelinePolicy policy)
    {
        var options = new TableClientOptions();
        options.AddPolicy(policy, HttpPipelinePosition.PerCall);
        return new TableClient(ConnectionString, NextName(), options);
    }

    private string NextName() => string.Create(CultureInfo.InvariantCulture, $"table{Interlocked.Increment(ref tables)}");
}
