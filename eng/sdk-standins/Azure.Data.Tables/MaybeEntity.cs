namespace Azure.Data.Tables;

internal sealed class MaybeEntity<T>(T? entity, Response response) : NullableResponse<T>
    where T : class
{
    public override bool HasValue => entity is not null;

    public override T Value => entity ?? throw new InvalidOperationException("There is no such entity.");

    public override Response GetRawResponse() => response;
}
