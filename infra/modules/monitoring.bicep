// Logs and traces: an Application Insights resource on its own Log Analytics workspace.
param workspaceName string
param componentName string
param location string
param tags object

@minValue(30)
@maxValue(730)
param retentionDays int

@description('Ingestion stops for the day at so many GB; -1 sets no cap. A cap also blinds the alert rules that read logs.')
param dailyCapGb int

@description('Only callers with an Entra identity and the role Monitoring Metrics Publisher may send telemetry.')
param requireIdentity bool

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: workspaceName
  location: location
  tags: tags
  properties: {
    sku: {
      name: 'PerGB2018'
    }
    retentionInDays: retentionDays
    workspaceCapping: {
      dailyQuotaGb: dailyCapGb
    }
  }
}

resource component 'Microsoft.Insights/components@2020-02-02' = {
  name: componentName
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    IngestionMode: 'LogAnalytics'
    DisableLocalAuth: requireIdentity
  }
}

output workspaceId string = workspace.id
output componentName string = component.name
output connectionString string = component.properties.ConnectionString
