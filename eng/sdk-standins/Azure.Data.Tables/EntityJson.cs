using System.Globalization;
using System.Text.Json;

namespace Azure.Data.Tables;

/// <summary>
/// Entities as JSON with minimal metadata: a type that JSON lacks stands beside its property as <c>name@odata.type</c>.
/// https://learn.microsoft.com/rest/api/storageservices/payload-format-for-table-service-operations
/// </summary>
internal static class EntityJson
{
    private const string TypeSuffix = "@odata.type";

    public static TableEntity ReadOne(BinaryData body)
    {
        using var document = JsonDocument.Parse(body);
        return Read(document.RootElement);
    }

    public static IReadOnlyList<TableEntity> ReadMany(BinaryData body)
    {
        using var document = JsonDocument.Parse(body);
        return [.. document.RootElement.GetProperty("value").EnumerateArray().Select(Read)];
    }

    public static void Write(Stream target, TableEntity entity)
    {
        using var json = new Utf8JsonWriter(target);
        json.WriteStartObject();
        json.WriteString("PartitionKey", entity.PartitionKey);
        json.WriteString("RowKey", entity.RowKey);
        foreach (var (name, value) in entity.Properties)
        {
            WriteProperty(json, name, value);
        }

        json.WriteEndObject();
    }

    private static void WriteProperty(Utf8JsonWriter json, string name, object value)
    {
        switch (value)
        {
            case string text:
                json.WriteString(name, text);
                break;
            case bool isTrue:
                json.WriteBoolean(name, isTrue);
                break;
            case int number:
                json.WriteNumber(name, number);
                break;
            case long number:
                json.WriteString(name + TypeSuffix, "Edm.Int64");
                json.WriteString(name, number.ToString(CultureInfo.InvariantCulture));
                break;
            case DateTimeOffset time:
                json.WriteString(name + TypeSuffix, "Edm.DateTime");
                json.WriteString(name, time.UtcDateTime.ToString("o", CultureInfo.InvariantCulture));
                break;
            case byte[] bytes:
                json.WriteString(name + TypeSuffix, "Edm.Binary");
                json.WriteBase64String(name, bytes);
                break;
            default:
                throw new NotSupportedException($"This stand-in can't write the property {name}, a {value.GetType().Name}.");
        }
    }

    private static TableEntity Read(JsonElement json)
    {
        var entity = new TableEntity(json.GetProperty("PartitionKey").GetString()!, json.GetProperty("RowKey").GetString()!);
        foreach (var property in json.EnumerateObject())
        {
            switch (property.Name)
            {
                case "PartitionKey" or "RowKey" or "odata.metadata":
                    break;
                case "odata.etag":
                    entity.ETag = new ETag(property.Value.GetString()!);
                    break;
                case "Timestamp":
                    entity.Timestamp = property.Value.GetDateTimeOffset();
                    break;
                case var name when !name.EndsWith(TypeSuffix, StringComparison.Ordinal):
                    entity[name] = ReadValue(property.Value, json.TryGetProperty(name + TypeSuffix, out var type) ? type.GetString() : null);
                    break;
            }
        }

        return entity;
    }

    private static object ReadValue(JsonElement value, string? type) => (type, value.ValueKind) switch
    {
        ("Edm.Binary", _) => value.GetBytesFromBase64(),
        ("Edm.Int64", _) => long.Parse(value.GetString()!, CultureInfo.InvariantCulture),
        ("Edm.DateTime", _) => value.GetDateTimeOffset(),
        (_, JsonValueKind.True or JsonValueKind.False) => value.GetBoolean(),
        (_, JsonValueKind.Number) => value.TryGetInt32(out var number) ? number : value.GetDouble(),
        _ => value.GetString()!,
    };
}
