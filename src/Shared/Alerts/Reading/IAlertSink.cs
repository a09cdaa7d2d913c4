using System.Text.Json;

namespace Pipeline.Alerts.Reading;

/// <summary>
/// What <see cref="PostReader{TSink}"/> tells of the alerts it reads. A sink takes what it is given; all rules are the reader's.
/// Of an alert that turns out faulty nothing more is told, and <see cref="End"/> isn't called.
/// </summary>
internal interface IAlertSink
{
    void Begin();

    /// <param name="json">At the name.</param>
    void Name(ref readonly Utf8JsonReader json);

    /// <param name="json">At the value of the label named last.</param>
    void Label(ref readonly Utf8JsonReader json);

    /// <param name="json">At the value of the annotation named last.</param>
    void Annotation(ref readonly Utf8JsonReader json);

    /// <param name="json">At the value.</param>
    void GeneratorUrl(ref readonly Utf8JsonReader json);

    /// <param name="value">The value, as sent, of the unknown field named last.</param>
    void Extra(ReadOnlySpan<byte> value);

    void End(int index, in AlertTimes times);
}

/// <summary>Takes nothing: what remains is the check.</summary>
internal readonly struct CheckOnly : IAlertSink
{
    public void Begin()
    {
    }

    public void Name(ref readonly Utf8JsonReader json)
    {
    }

    public void Label(ref readonly Utf8JsonReader json)
    {
    }

    public void Annotation(ref readonly Utf8JsonReader json)
    {
    }

    public void GeneratorUrl(ref readonly Utf8JsonReader json)
    {
    }

    public void Extra(ReadOnlySpan<byte> value)
    {
    }

    public void End(int index, in AlertTimes times)
    {
    }
}
