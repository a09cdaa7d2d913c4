// Small and cheap: everything on demand, one zone, a month of logs. Also what `azd up` uses.
using 'main.bicep'

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME', 'dev')
param location = readEnvironmentVariable('AZURE_LOCATION', 'swedencentral')
param operatorPrincipalId = readEnvironmentVariable('AZURE_PRINCIPAL_ID', '')

param storageSku = 'Standard_LRS'
param softDeleteDays = 7
param lockStorage = false

param instanceMemoryMB = 2048
param maximumInstanceCount = 40
param alwaysReady = []
param zoneRedundant = false

param logRetentionDays = 30
param logDailyCapGb = 1

// What pipeline.yaml reads as env:NAME, such as { HOOK_SECRET: 'hook-secret' }.
param vaultSettings = {}

// Mail addresses with commas between them; a webhook's address. Both may be left out.
var emails = readEnvironmentVariable('PIPELINE_ALERT_EMAILS', '')
var webhook = readEnvironmentVariable('PIPELINE_ALERT_WEBHOOK', '')
param alertEmails = empty(emails) ? [] : split(emails, ',')
param alertWebhooks = empty(webhook) ? {} : { webhook: webhook }
