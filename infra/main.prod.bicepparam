// Over zones, with instances that are always there, and kept against mistakes.
using 'main.bicep'

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME', 'prod')
param location = readEnvironmentVariable('AZURE_LOCATION', 'swedencentral')
param operatorPrincipalId = readEnvironmentVariable('AZURE_PRINCIPAL_ID', '')

param storageSku = 'Standard_GZRS'
param softDeleteDays = 90
param lockStorage = true

param instanceMemoryMB = 2048
param maximumInstanceCount = 100
// Accepting an alert and waking somebody don't wait for an instance to start.
param alwaysReady = [
  { name: 'http', instanceCount: 2 }
  { name: 'durable', instanceCount: 2 }
]
// Keeps two always-ready instances for the queue and timer functions too; docs/azure.md says what that costs.
param zoneRedundant = true

param logRetentionDays = 90
param logDailyCapGb = -1

// What pipeline.yaml reads as env:NAME, such as { HOOK_SECRET: 'hook-secret' }.
param vaultSettings = {}

// Mail addresses with commas between them; a webhook's address. Name at least one: nobody else hears of a dead pipeline.
var emails = readEnvironmentVariable('PIPELINE_ALERT_EMAILS', '')
var webhook = readEnvironmentVariable('PIPELINE_ALERT_WEBHOOK', '')
param alertEmails = empty(emails) ? [] : split(emails, ',')
param alertWebhooks = empty(webhook) ? {} : { webhook: webhook }
