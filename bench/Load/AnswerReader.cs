namespace Pipeline.Bench.Load;

/// <summary>Reads as much of an HTTP/1.1 answer as is needed to know its status and where it ends.</summary>
internal static class AnswerReader
{
    private const int StatusOffset = 9;

    /// <summary>True when <paramref name="received"/> holds a whole answer.</summary>
    public static bool TryRead(ReadOnlySpan<byte> received, out int status)
    {
        status = 0;
        var headEnd = received.IndexOf("\r\n\r\n"u8);
        if (headEnd < 0)
        {
            return false;
        }

        var head = received[..headEnd];
        var body = received[(headEnd + 4)..];
        status = ((head[StatusOffset] - '0') * 100) + ((head[StatusOffset + 1] - '0') * 10) + head[StatusOffset + 2] - '0';
        var length = head.IndexOf("ontent-Length: "u8);
        return length >= 0
            ? body.Length >= Number(head[(length + 15)..])
            : head.IndexOf("hunked"u8) < 0 || body.EndsWith("0\r\n\r\n"u8);
    }

    private static int Number(ReadOnlySpan<byte> digits)
    {
        var number = 0;
        foreach (var digit in digits)
        {
            if (digit is < (byte)'0' or > (byte)'9')
            {
                break;
            }

            number = (number * 10) + digit - '0';
        }

        return number;
    }
}
