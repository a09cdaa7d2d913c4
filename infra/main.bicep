// The whole of it: one resource group with everything that the app needs. Subscription scope, so that `azd up` starts from nothing.
targetScope = 'subscription'

@description('Part of every name: dev, prod, …')
@minLength(1)
@maxLength(24)
param environmentName string

@description('A region with Flex Consumption: az functionapp list-flexconsumption-locations')
@metadata({ azd: { type: 'location' } })
param location string

param resourceGroupName string = 'rg-pipeline-${environmentName}'

@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GRS', 'Standard_GZRS', 'Standard_RAGRS', 'Standard_RAGZRS'])
param storageSku string

@description('How long deleted blobs, containers and secrets can be brought back.')
@minValue(7)
@maxValue(90)
param softDeleteDays int

@description('Protects the storage account against deletion.')
param lockStorage bool

@allowed([512, 2048, 4096])
param instanceMemoryMB int

@description('The most instances that one group or function is scaled to.')
@minValue(40)
@maxValue(1000)
param maximumInstanceCount int

@description('Always-ready instances, as {name, instanceCount}.')
param alwaysReady array

@description('Over the zones of the region; needs a storage SKU of more than one zone.')
param zoneRedundant bool

@minValue(30)
@maxValue(730)
param logRetentionDays int

@description('GB of logs a day; -1 for no cap.')
param logDailyCapGb int

@description('False only where something sends telemetry without an Entra identity.')
param telemetryRequiresIdentity bool = true

@description('What pipeline.yaml reads as env:NAME: setting name to Key Vault secret name, as {HOOK_SECRET: \'hook-secret\'}.')
param vaultSettings object = {}

@description('Mail addresses that the pipeline\'s own alerts go to.')
param alertEmails array = []

@description('Webhooks that the pipeline\'s own alerts go to: name to address.')
@secure()
param alertWebhooks object = {}

@description('A queue that never held fewer messages for 15 minutes is stuck.')
@minValue(0)
param stuckMessages int = 0

@minValue(1)
param serverErrorThreshold int = 5

@description('Object id of whoever writes the secrets into the vault; empty for nobody.')
param operatorPrincipalId string = ''

var token = toLower(uniqueString(subscription().id, environmentName, location))
var tags = {
  'azd-env-name': environmentName
}

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: resourceGroupName
  location: location
  tags: tags
}

module identity 'modules/identity.bicep' = {
  scope: group
  name: 'identity'
  params: {
    name: 'id-pipeline-${token}'
    location: location
    tags: tags
  }
}

module storage 'modules/storage.bicep' = {
  scope: group
  name: 'storage'
  params: {
    name: 'stpipeline${take(token, 13)}'
    location: location
    tags: tags
    sku: storageSku
    softDeleteDays: softDeleteDays
    lock: lockStorage
  }
}

module serviceBus 'modules/serviceBus.bicep' = {
  scope: group
  name: 'serviceBus'
  params: {
    name: 'sb-pipeline-${token}'
    location: location
    tags: tags
  }
}

module keyVault 'modules/keyVault.bicep' = {
  scope: group
  name: 'keyVault'
  params: {
    name: 'kv-pipe-${take(token, 13)}'
    location: location
    tags: tags
    softDeleteDays: softDeleteDays
  }
}

module monitoring 'modules/monitoring.bicep' = {
  scope: group
  name: 'monitoring'
  params: {
    workspaceName: 'log-pipeline-${token}'
    componentName: 'appi-pipeline-${token}'
    location: location
    tags: tags
    retentionDays: logRetentionDays
    dailyCapGb: logDailyCapGb
    requireIdentity: telemetryRequiresIdentity
  }
}

module roles 'modules/roles.bicep' = {
  scope: group
  name: 'roles'
  params: {
    storageAccountName: storage.outputs.name
    serviceBusName: serviceBus.outputs.name
    keyVaultName: keyVault.outputs.name
    componentName: monitoring.outputs.componentName
    appPrincipalId: identity.outputs.principalId
    operatorPrincipalId: operatorPrincipalId
  }
}

module functionApp 'modules/functionApp.bicep' = {
  scope: group
  name: 'functionApp'
  params: {
    planName: 'plan-pipeline-${token}'
    name: 'func-pipeline-${token}'
    location: location
    tags: tags
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    storageAccountName: storage.outputs.name
    deploymentContainerUrl: storage.outputs.deploymentContainerUrl
    serviceBusHostName: serviceBus.outputs.hostName
    telemetryConnectionString: monitoring.outputs.connectionString
    keyVaultUrl: keyVault.outputs.url
    vaultSettings: vaultSettings
    instanceMemoryMB: instanceMemoryMB
    maximumInstanceCount: maximumInstanceCount
    alwaysReady: alwaysReady
    zoneRedundant: zoneRedundant
  }
  // The first thing that the app does is to read what only the roles allow.
  dependsOn: [roles]
}

module alerts 'modules/alerts.bicep' = {
  scope: group
  name: 'alerts'
  params: {
    namePrefix: 'pipeline-${environmentName}'
    location: location
    tags: tags
    serviceBusId: serviceBus.outputs.id
    queueNames: serviceBus.outputs.queueNames
    workspaceId: monitoring.outputs.workspaceId
    emails: alertEmails
    webhooks: alertWebhooks
    stuckMessages: stuckMessages
    serverErrorThreshold: serverErrorThreshold
  }
}

output AZURE_LOCATION string = location
output AZURE_TENANT_ID string = tenant().tenantId
output AZURE_RESOURCE_GROUP string = group.name
output AZURE_KEY_VAULT_NAME string = keyVault.outputs.name
output AZURE_STORAGE_ACCOUNT_NAME string = storage.outputs.name
output SERVICE_PIPELINE_NAME string = functionApp.outputs.name
output SERVICE_PIPELINE_URL string = functionApp.outputs.url
