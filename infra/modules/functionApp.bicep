// The app on a Flex Consumption plan. Runtime, package and scale stand in functionAppConfig, where this plan wants them;
// what the program reads stands in the settings below, and nowhere else.
param planName string
param name string
param location string
param tags object

param identityId string
param identityClientId string
param storageAccountName string
param deploymentContainerUrl string
param serviceBusHostName string
param telemetryConnectionString string
param keyVaultUrl string

@description('Setting name to Key Vault secret name: what pipeline.yaml reads as env:NAME.')
param vaultSettings object

@allowed([512, 2048, 4096])
param instanceMemoryMB int

@minValue(40)
@maxValue(1000)
param maximumInstanceCount int

@description('Instances that are always there, as {name, instanceCount}. Names: http, durable, or function:NAME for a queue or timer function.')
param alwaysReady array

@description('Over the zones of the region. The platform then keeps two always-ready instances for every group and function.')
param zoneRedundant bool

var settings = {
  // settings: begin
  AzureWebJobsStorage__accountName: storageAccountName
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identityClientId
  ServiceBus__fullyQualifiedNamespace: serviceBusHostName
  ServiceBus__credential: 'managedidentity'
  ServiceBus__clientId: identityClientId
  APPLICATIONINSIGHTS_CONNECTION_STRING: telemetryConnectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
  PipelineTables__accountName: storageAccountName
  PipelineTables__clientId: identityClientId
  PIPELINE_CONFIG: 'pipeline.yaml'
  // settings: end
}

// Without a version: a changed secret is taken up within a day, or at the next start.
var secrets = toObject(
  items(vaultSettings),
  entry => entry.key,
  entry => '@Microsoft.KeyVault(SecretUri=${keyVaultUrl}secrets/${entry.value}/)'
)

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: {
    tier: 'FlexConsumption'
    name: 'FC1'
  }
  properties: {
    reserved: true
    zoneRedundant: zoneRedundant
  }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: name
  location: location
  // azd finds the app of its service by this tag.
  tags: union(tags, { 'azd-service-name': 'pipeline' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: identityId
    publicNetworkAccess: 'Enabled'
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: deploymentContainerUrl
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      runtime: {
        name: 'dotnet-isolated'
        version: '10.0'
      }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
        alwaysReady: alwaysReady
      }
    }
    siteConfig: {
      minTlsVersion: '1.2'
    }
  }
}

resource appSettings 'Microsoft.Web/sites/config@2024-04-01' = {
  parent: app
  name: 'appsettings'
  properties: union(settings, secrets)
}

// Publishing with a user name and a password is off; azd and the workflow publish with an Entra token.
resource scmCredentials 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: app
  name: 'scm'
  properties: {
    allow: false
  }
}

resource ftpCredentials 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: app
  name: 'ftp'
  properties: {
    allow: false
  }
}

output name string = app.name
output url string = 'https://${app.properties.defaultHostName}'
