using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Pipeline.Notifications.Webhook;

/// <summary>
/// Proves to a receiver that a request comes from this pipeline and is recent: HMAC-SHA256 over the timestamp, a full stop and the body as sent.
/// </summary>
public static class WebhookSignature
{
    public const string SignatureHeader = "X-Pipeline-Signature";

    public const string TimestampHeader = "X-Pipeline-Timestamp";

    /// <returns><c>v1=</c> and 64 lower-case hex digits.</returns>
    /// <param name="secret">Used as its UTF-8 bytes.</param>
    /// <param name="unixSeconds">What <see cref="TimestampHeader"/> says.</param>
    public static string Compute(string secret, long unixSeconds, ReadOnlySpan<byte> body)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret));
        hmac.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{unixSeconds}.")));
        hmac.AppendData(body);
        return $"v1={Convert.ToHexStringLower(hmac.GetHashAndReset())}";
    }
}
