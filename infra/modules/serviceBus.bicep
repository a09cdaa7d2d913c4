// The two queues. Sessions keep one service's alerts in order; duplicate detection drops what was sent twice. Both need Standard.
param name string
param location string
param tags object

// Names and numbers stand in the app's code: src/Shared/Hosting/QueueNames.cs, src/Shared/Runtime/IMessageQueue.cs (QueueLimits).
var names = ['alerts', 'notifications']
var duplicateWindow = 'PT10M'
// The app gives up after 10 deliveries that count, and says why. Deliveries while the store is away don't count, and there may be many;
// this is the end of those.
var maxDeliveries = 2000

resource bus 'Microsoft.ServiceBus/namespaces@2024-01-01' = {
  name: name
  location: location
  tags: tags
  sku: {
    name: 'Standard'
    tier: 'Standard'
  }
  properties: {
    disableLocalAuth: true
    minimumTlsVersion: '1.2'
    publicNetworkAccess: 'Enabled'
  }
}

// Sessions and duplicate detection can't be changed on a queue that exists: such a change needs a new queue.
resource queues 'Microsoft.ServiceBus/namespaces/queues@2024-01-01' = [
  for queueName in names: {
    parent: bus
    name: queueName
    properties: {
      requiresSession: true
      requiresDuplicateDetection: true
      duplicateDetectionHistoryTimeWindow: duplicateWindow
      maxDeliveryCount: maxDeliveries
      lockDuration: 'PT5M'
      // Nothing disappears: what nobody handled within two weeks becomes a dead letter, and an alert rule says so.
      defaultMessageTimeToLive: 'P14D'
      deadLetteringOnMessageExpiration: true
      maxSizeInMegabytes: 5120
      enablePartitioning: false
      enableBatchedOperations: true
    }
  }
]

output id string = bus.id
output name string = bus.name
// The endpoint is https://NAME.servicebus.windows.net:443/; the app wants the name alone.
output hostName string = replace(replace(bus.properties.serviceBusEndpoint, 'https://', ''), ':443/', '')
output queueNames array = names
