using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Pipeline.Standalone.Hosting;

/// <summary>The standard output, for texts of which somebody wants to know whether they were written.</summary>
internal static class StandardOutput
{
    private const int Descriptor = 1;

    /// <summary>
    /// Opens a writer that throws <see cref="IOException"/> when a pipe's reader is gone. .NET's own takes the text without a word then.
    /// For anything but a pipe or a terminal of Unix it is .NET's own, which keeps its place in a file that others write too.
    /// </summary>
    public static TextWriter Open()
    {
        if (OperatingSystem.IsWindows())
        {
            return Console.Out;
        }

        try
        {
            var stream = new FileStream(new SafeFileHandle(Descriptor, ownsHandle: false), FileAccess.Write, bufferSize: 0);
            return stream.CanSeek ? Console.Out : new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        }
        catch (Exception exception) when (exception is IOException or ArgumentException or UnauthorizedAccessException)
        {
            // The program was started with its output closed.
            return Console.Out;
        }
    }
}
