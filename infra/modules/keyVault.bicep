// Holds the secrets that pipeline.yaml names as env:NAME. The app reads them through app settings; people write them.
@minLength(3)
@maxLength(24)
param name string
param location string
param tags object

@description('How long a deleted vault or secret is kept. It can\'t be purged before, and can\'t be changed later.')
@minValue(7)
@maxValue(90)
param softDeleteDays int

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: {
      family: 'A'
      name: 'standard'
    }
    enableRbacAuthorization: true
    enableSoftDelete: true
    enablePurgeProtection: true
    softDeleteRetentionInDays: softDeleteDays
    publicNetworkAccess: 'Enabled'
  }
}

output name string = vault.name
output url string = vault.properties.vaultUri
