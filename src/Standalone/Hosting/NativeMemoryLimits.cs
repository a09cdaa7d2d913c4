using System.Runtime.InteropServices;

namespace Pipeline.Standalone.Hosting;

/// <summary>
/// Has glibc give large blocks back to the system. SQLite copies a body of 30 MB for each read and write; once such a block was freed, glibc
/// raises the size up to which it keeps blocks (mallopt(3), M_MMAP_THRESHOLD), and each thread's arena then kept some.
/// </summary>
internal static class NativeMemoryLimits
{
    private const int MmapThreshold = -3;
    private const int KeptUpTo = 1024 * 1024;

    /// <summary>Does nothing where the C library has no such setting; other libraries keep no large blocks.</summary>
    public static void Apply()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            _ = SetOption(MmapThreshold, KeptUpTo);
        }
        catch (Exception exception) when (exception is EntryPointNotFoundException or DllNotFoundException)
        {
            // musl.
        }
    }

    [DllImport("libc", EntryPoint = "mallopt")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetOption(int parameter, int value);
}
