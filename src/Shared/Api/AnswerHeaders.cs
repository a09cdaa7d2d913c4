using Microsoft.AspNetCore.Http;

namespace Pipeline.Api;

/// <summary>
/// What every answer carries, also a refusal: its type is what it says and is never guessed, because incidents hold text of strangers;
/// and no cache on the way keeps it, because incidents hold names of people. Both hosts set them before anything else is decided.
/// </summary>
internal static class AnswerHeaders
{
    public static void Set(HttpResponse response)
    {
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.CacheControl = "no-store";
    }
}
