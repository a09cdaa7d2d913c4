using System.Text.Json;

namespace Pipeline.Alerts.Reading;

/// <summary>
/// What <see cref="PostReader{TSink}"/> tells of the alerts it reads. A sink takes what it is given; all rules are the reader's.
/// Of an alert that turns out faulty nothing more is told, and <see cref="End"/> isn't called.
/// </summary>
internal interface IAlertSink
{
    /// <summary>Whether it takes texts that have to be made first: those of odd values and of mendings.</summary>
    bool TakesTexts { get; }

    void Begin();

    /// <param name="json">At the name.</param>
    void Name(ref readonly Utf8JsonReader json);

    /// <param name="text">A name that can't be read as it was sent.</param>
    void Name(string text);

    /// <param name="json">At the value of the label named last.</param>
    void Label(ref readonly Utf8JsonReader json);

    /// <param name="text">The value of the label named last, where it can't be read as it was sent.</param>
    void Label(string text);

    /// <param name="json">At the value of the annotation named last.</param>
    void Annotation(ref readonly Utf8JsonReader json);

    /// <param name="text">The value of the annotation named last, where it can't be read as it was sent.</param>
    void Annotation(string text);

    /// <param name="json">At the value.</param>
    void GeneratorUrl(ref readonly Utf8JsonReader json);

    /// <param name="value">The value, as sent, of the unknown field named last.</param>
    void Extra(ReadOnlySpan<byte> value);

    /// <param name="fits">False where the alert may be too large for a message as it is.</param>
    /// <param name="mendings">Null where nothing was mended, and where the sink takes no texts.</param>
    void End(int index, in AlertTimes times, bool fits, IReadOnlyList<AlertMending>? mendings);
}

/// <summary>Takes nothing: what remains is the check.</summary>
internal readonly struct CheckOnly : IAlertSink
{
    public bool TakesTexts => false;

    public void Begin()
    {
    }

    public void Name(ref readonly Utf8JsonReader json)
    {
    }

    public void Name(string text)
    {
    }

    public void Label(ref readonly Utf8JsonReader json)
    {
    }

    public void Label(string text)
    {
    }

    public void Annotation(ref readonly Utf8JsonReader json)
    {
    }

    public void Annotation(string text)
    {
    }

    public void GeneratorUrl(ref readonly Utf8JsonReader json)
    {
    }

    public void Extra(ReadOnlySpan<byte> value)
    {
    }

    public void End(int index, in AlertTimes times, bool fits, IReadOnlyList<AlertMending>? mendings)
    {
    }
}
