using System.Security.Cryptography;
using Azure.Data.Tables;
using Pipeline.Functions.Tables;
using Pipeline.Runtime;
using Xunit;

namespace Pipeline.Functions.Tests.Tables;

public sealed class DocumentPropertiesTests
{
    private const int Property = DocumentProperties.MaxPropertyBytes;

    [Theory]
    [InlineData(0, 0)] // Nothing has no property.
    [InlineData(1, 1)]
    [InlineData(Property - 1, 1)]
    [InlineData(Property, 1)] // Exactly full.
    [InlineData(Property + 1, 2)] // One byte over.
    [InlineData(2 * Property, 2)]
    [InlineData(EntityLimits.MaxDocumentBytes, 8)] // The longest: seven and a half.
    public void A_document_is_cut_into_properties_of_64_KiB(int bytes, int properties)
    {
        var document = RandomNumberGenerator.GetBytes(bytes);
        var entity = new TableEntity("p", "r");

        DocumentProperties.Write(entity, document);

        var chunks = Enumerable.Range(0, 20).Select(i => entity.GetBinary($"Document{i}")).TakeWhile(chunk => chunk is not null).ToList();
        Assert.Equal(properties, chunks.Count);
        Assert.All(chunks, chunk => Assert.InRange(chunk!.Length, 1, Property));
        Assert.True(DocumentProperties.Read(entity).Span.SequenceEqual(document));
    }
}
