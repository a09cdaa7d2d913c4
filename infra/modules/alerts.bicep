// The pipeline watched from outside itself. Send these to people or to another system, not to the pipeline: it can't page for its own end.
param namePrefix string
param location string
param tags object
param serviceBusId string
param queueNames array
param workspaceId string

@description('Mail addresses.')
param emails array

@description('Name to address. Secure, since an address can hold a key.')
@secure()
param webhooks object

@description('A queue that never held fewer messages for 15 minutes is stuck. 0 fits up to some 1,000 alerts a minute.')
@minValue(0)
param stuckMessages int

@description('So many 5xx answers within five minutes are an alert.')
@minValue(1)
param serverErrorThreshold int

resource actionGroup 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: '${namePrefix}-people'
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'pipeline'
    enabled: true
    emailReceivers: [
      for (address, i) in emails: {
        name: 'mail-${i}'
        emailAddress: address
        useCommonAlertSchema: true
      }
    ]
    webhookReceivers: [
      for receiver in items(webhooks): {
        name: receiver.key
        serviceUri: receiver.value
        useCommonAlertSchema: true
      }
    ]
  }
}

resource deadLetters 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: '${namePrefix}-dead-letters'
  location: 'global'
  tags: tags
  properties: {
    description: 'An alert or a notification was given up. See GET /api/dead-letters/alerts and /api/dead-letters/notifications.'
    severity: 1
    enabled: true
    scopes: [serviceBusId]
    evaluationFrequency: 'PT1M'
    windowSize: 'PT5M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          criterionType: 'StaticThresholdCriterion'
          name: 'deadLetters'
          metricNamespace: 'Microsoft.ServiceBus/namespaces'
          metricName: 'DeadletteredMessages'
          timeAggregation: 'Maximum'
          operator: 'GreaterThan'
          threshold: 0
          dimensions: [
            {
              name: 'EntityName'
              operator: 'Include'
              values: queueNames
            }
          ]
        }
      ]
    }
    autoMitigate: true
    actions: [
      {
        actionGroupId: actionGroup.id
      }
    ]
  }
}

// The timer can beat and intake can answer while the queue functions receive nothing. Messages that wait for a later time don't count.
resource stuckQueues 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: '${namePrefix}-stuck-queues'
  location: 'global'
  tags: tags
  properties: {
    description: 'A queue was not empty for 15 minutes: HandleAlerts or HandleNotifications receives nothing, or falls behind.'
    severity: 0
    enabled: true
    scopes: [serviceBusId]
    evaluationFrequency: 'PT1M'
    windowSize: 'PT15M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          criterionType: 'StaticThresholdCriterion'
          name: 'activeMessages'
          metricNamespace: 'Microsoft.ServiceBus/namespaces'
          metricName: 'ActiveMessages'
          timeAggregation: 'Minimum'
          operator: 'GreaterThan'
          threshold: stuckMessages
          dimensions: [
            {
              name: 'EntityName'
              operator: 'Include'
              values: queueNames
            }
          ]
        }
      ]
    }
    autoMitigate: true
    actions: [
      {
        actionGroupId: actionGroup.id
      }
    ]
  }
}

resource heartbeat 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = {
  name: '${namePrefix}-no-heartbeat'
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: 'Pipeline: no heartbeat'
    description: 'The function Sweep has not succeeded for five minutes: the app is down, can not reach its store, or sends no telemetry.'
    severity: 0
    enabled: true
    scopes: [workspaceId]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    criteria: {
      allOf: [
        {
          query: loadTextContent('../queries/heartbeat.kql')
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: 0
          failingPeriods: {
            numberOfEvaluationPeriods: 1
            minFailingPeriodsToAlert: 1
          }
        }
      ]
    }
    autoMitigate: true
    // The tables appear with the first telemetry.
    skipQueryValidation: true
    actions: {
      actionGroups: [actionGroup.id]
    }
  }
}

resource failedOrchestrations 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = {
  name: '${namePrefix}-failed-orchestrations'
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: 'Pipeline: an orchestration failed'
    description: 'An escalation, cadence or postmortem ended in a failure. See GET /api/orchestrations?runtimeStatus=Failed.'
    severity: 1
    enabled: true
    scopes: [workspaceId]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT10M'
    criteria: {
      allOf: [
        {
          query: loadTextContent('../queries/failed-orchestrations.kql')
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: 0
          failingPeriods: {
            numberOfEvaluationPeriods: 1
            minFailingPeriodsToAlert: 1
          }
        }
      ]
    }
    autoMitigate: true
    skipQueryValidation: true
    actions: {
      actionGroups: [actionGroup.id]
    }
  }
}

resource serverErrors 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = {
  name: '${namePrefix}-server-errors'
  location: location
  tags: tags
  kind: 'LogAlert'
  properties: {
    displayName: 'Pipeline: HTTP 5xx'
    description: 'Callers get 5xx. Alertmanager repeats alerts that were answered 503, Prometheus sends those that still fire a minute later; the store or the app needs a look.'
    severity: 1
    enabled: true
    scopes: [workspaceId]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT5M'
    criteria: {
      allOf: [
        {
          query: loadTextContent('../queries/server-errors.kql')
          metricMeasureColumn: 'Answers'
          timeAggregation: 'Total'
          operator: 'GreaterThanOrEqual'
          threshold: serverErrorThreshold
          failingPeriods: {
            numberOfEvaluationPeriods: 1
            minFailingPeriodsToAlert: 1
          }
        }
      ]
    }
    autoMitigate: true
    skipQueryValidation: true
    actions: {
      actionGroups: [actionGroup.id]
    }
  }
}
